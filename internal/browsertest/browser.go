// Package browsertest drives a real Chromium through the pages of a server, as a person does
// with a mouse, a keyboard and a passkey, for tests.
//
// A page that says an error on its console, or breaks its content security policy, fails the
// test. So does whatever is not there within the time that a person would wait.
package browsertest

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"payrun/internal/programtest"
)

// Patience is how long a page may take over one thing.
const Patience = 20 * time.Second

// Options are the wishes of a test for its browser.
type Options struct {
	// Trusted are certificates of servers that the browser takes, whoever signed them.
	Trusted []*x509.Certificate
	// Hosts are names that lead to this machine.
	Hosts []string
}

// Browser is a Chromium.
type Browser struct {
	ctx context.Context //nolint:containedctx // by it chromedp finds the browser
	// stop ends the process and waits for it.
	stop func()
	// pages counts those that were opened.
	pages int
}

// Open returns a browser. Where Main runs the tests, those without wishes share one; any
// other is a process of its own, which ends with the test. Without Chromium the test is
// skipped; in CI it fails.
func Open(t *testing.T, o Options) *Browser {
	t.Helper()
	program := programtest.Find(t, "chromium", "chromium-browser", "google-chrome")
	if shared != nil && len(o.Trusted) == 0 && len(o.Hosts) == 0 {
		browser, err := shared.browser(program)
		if err != nil {
			t.Fatalf("start Chromium: %v", err)
		}
		return browser
	}
	browser, err := start(t.Context(), program, t.TempDir(), o)
	if err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	t.Cleanup(browser.stop)
	return browser
}

// start starts a browser that keeps what it keeps in a folder.
func start(ctx context.Context, program, home string, o Options) (*Browser, error) {
	options := []chromedp.ExecAllocatorOption{
		chromedp.Env("HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home),
		chromedp.ExecPath(program), chromedp.UserDataDir(filepath.Join(home, "profile")),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "en-GB"), chromedp.WSURLReadTimeout(Patience),
	}
	if len(o.Trusted) > 0 {
		options = append(options, chromedp.Flag("ignore-certificate-errors-spki-list", strings.Join(keysOf(o.Trusted), ",")))
	}
	if len(o.Hosts) > 0 {
		var rules []string
		for _, host := range o.Hosts {
			rules = append(rules, "MAP "+host+" 127.0.0.1")
		}
		options = append(options, chromedp.Flag("host-resolver-rules", strings.Join(rules, ",")))
	}
	allocator, stop := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], options...)...)
	quiet := func(string, ...any) {} // chromedp does not know every event of every Chromium
	ctx, end := chromedp.NewContext(allocator, chromedp.WithErrorf(quiet), chromedp.WithLogf(quiet))
	browser := &Browser{ctx: ctx, stop: func() { end(); stop() }}
	if err := chromedp.Do(ctx); err != nil {
		browser.stop()
		return nil, err
	}
	return browser, nil
}

// keysOf are the SHA-256 of the certificates' public keys, as Chromium takes them.
func keysOf(certificates []*x509.Certificate) []string {
	var keys []string
	for _, c := range certificates {
		sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
		keys = append(keys, base64.StdEncoding.EncodeToString(sum[:]))
	}
	return keys
}

// Page opens an empty page with cookies and passkeys of its own: another person's machine.
func (b *Browser) Page(t *testing.T) *Page {
	t.Helper()
	b.pages++
	p := &Page{t: t, name: strconv.Itoa(b.pages)}
	ctx, end := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.hear))
	p.ctx = ctx
	t.Cleanup(func() {
		end()
		for _, complaint := range p.Complaints() {
			t.Errorf("the browser says: %s", complaint)
		}
	})
	if err := chromedp.Do(ctx); err != nil { // the page lives as long as the context of the first thing done
		t.Fatalf("open a page: %v", err)
	}
	command(p, log.Enable)
	command(p, audits.Enable)
	return p
}

// hear takes down what a page gets wrong.
func (p *Page) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.complain("exception: %s %s", e.ExceptionDetails.Text, described(e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			var words []string
			for _, arg := range e.Args {
				words = append(words, described(arg))
			}
			p.complain("console: %s", strings.Join(words, " "))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !isAnswer(e.Entry) {
			p.complain("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *audits.EventIssueAdded:
		if csp := e.Issue.Details.ContentSecurityPolicyIssueDetails; csp != nil {
			p.complain("content security policy: %s %s", csp.ViolatedDirective, csp.BlockedURL)
		}
	}
}

func described(o *runtime.RemoteObject) string {
	if o == nil {
		return ""
	}
	return string(o.Value) + o.Description
}

// isAnswer reports whether an entry only says that a page was answered with 4xx, as forms are
// that are filled in wrong. Whoever asks for the page sees its status.
func isAnswer(e *log.Entry) bool {
	return e.Source == log.EntrySourceNetwork && strings.Contains(e.Text, "status of 4") && !strings.Contains(e.URL, "/static/")
}

func (p *Page) complain(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.complaints = append(p.complaints, fmt.Sprintf(format, args...))
}

// Complaints returns what was wrong with the pages so far, and forgets it.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.complaints
	p.complaints = nil
	return all
}

// heard is a list of complaints about a page.
type heard struct {
	mu         sync.Mutex
	complaints []string
}
