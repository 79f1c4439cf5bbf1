package browsertest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Page is a window of one person. Elements are named by CSS selectors.
type Page struct {
	heard

	t *testing.T
	// name tells the pages of a browser apart, pictures counts those that were kept.
	name     string
	pictures int
	// device makes its passkeys.
	device webauthn.AuthenticatorID
	ctx    context.Context //nolint:containedctx // by it chromedp finds the page
}

// within bounds one thing that is done with a page.
func (p *Page) within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(p.ctx, Patience)
}

// command has the browser do something with a page.
func command[P, R any](p *Page, c cdp.Command[P, R], params ...P) R {
	p.t.Helper()
	ctx, cancel := p.within()
	defer cancel()
	var with P
	if len(params) > 0 {
		with = params[0]
	}
	result, err := chromedp.Run(ctx, func(ctx context.Context, _ *chromedp.Target) (R, error) { return chromedp.Call(ctx, c, with) })
	if err != nil {
		p.t.Fatalf("%s: %v", c.Method, err)
	}
	return result
}

// do does one thing, or fails the test with where the page stands.
func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := p.within()
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.fail(what, err)
	}
}

func (p *Page) fail(what string, err error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Second)
	defer cancel()
	address, _ := chromedp.Run(ctx, chromedp.Location())
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText`))
	p.t.Fatalf("%s: %v\nat %s, which says:\n%.3000s\nthe browser says %q", what, err, address, text, p.Complaints())
}

// follow does what leads to another page, and returns that one's status.
func (p *Page) follow(what string, steps ...chromedp.Action[chromedp.Void]) int64 {
	p.t.Helper()
	ctx, cancel := p.within()
	defer cancel()
	response, err := chromedp.RunResponse(ctx, steps...)
	if err != nil {
		p.fail(what, err)
	}
	if response == nil {
		return 0
	}
	return response.Status
}

// Go opens an address and returns the status of the answer.
func (p *Page) Go(address string) int64 {
	p.t.Helper()
	return p.follow("open "+address, chromedp.Navigate(address))
}

// Press clicks on something that leads to another page, such as a form's button, and returns
// the status of the answer.
func (p *Page) Press(selector string) int64 {
	p.t.Helper()
	return p.follow("press "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Click clicks on something that leads nowhere by itself.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Fill types into a field, instead of what is there.
func (p *Page) Fill(selector, text string) {
	p.t.Helper()
	p.do("fill in "+selector, chromedp.Clear(chromedp.CSS(selector)), chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Put sets a field that is too long to type into, or chooses from a list.
func (p *Page) Put(selector, value string) {
	p.t.Helper()
	p.do("set "+selector, chromedp.SetValue(chromedp.CSS(selector), value))
}

// Choose chooses files, as a person does in the browser's dialogue.
func (p *Page) Choose(selector string, files ...string) {
	p.t.Helper()
	p.do("choose for "+selector, chromedp.SetUploadFiles(chromedp.CSS(selector), files))
}

// Wait waits until something is seen.
func (p *Page) Wait(selector string) {
	p.t.Helper()
	p.do("wait for "+selector, chromedp.WaitVisible(chromedp.CSS(selector)))
}

// Until waits until a JavaScript expression is true.
func (p *Page) Until(expression string) {
	p.t.Helper()
	ctx, cancel := p.within()
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression)); err != nil {
		p.fail("wait until "+expression, err)
	}
}

// Has reports whether an element is there.
func (p *Page) Has(selector string) bool {
	p.t.Helper()
	return Value[bool](p, fmt.Sprintf("document.querySelector(%q) !== null", selector))
}

// Text returns what is read in an element, and fails the test if there is none.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	if !p.Has(selector) {
		p.fail("read "+selector, fmt.Errorf("there is no %s", selector))
	}
	return strings.TrimSpace(Value[string](p, fmt.Sprintf("document.querySelector(%q).innerText", selector)))
}

// Address returns the page's.
func (p *Page) Address() string {
	p.t.Helper()
	return Value[string](p, "location.href")
}

// Value returns what a JavaScript expression, or the promise that it is, comes to.
func Value[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, cancel := p.within()
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.fail("evaluate "+fmt.Sprintf("%.200s", expression), err)
	}
	return value
}

// Cookie gives the browser a cookie of a server, by its address.
func (p *Page) Cookie(address, name, value string) {
	p.t.Helper()
	command(p, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: address})
}

// Cookies names those that the browser has for the page.
func (p *Page) Cookies() []string {
	p.t.Helper()
	var names []string
	for _, cookie := range command(p, network.GetCookies).Cookies {
		names = append(names, cookie.Name)
	}
	return names
}

// Speak has the browser ask for pages in languages, as "fr-CI,fr;q=0.9".
func (p *Page) Speak(languages string) {
	p.t.Helper()
	command(p, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: map[string]any{"Accept-Language": languages}})
}

// WithoutScripts has the pages from the next one on run no scripts of theirs.
func (p *Page) WithoutScripts() {
	p.t.Helper()
	command(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// Passkeys puts a device into the machine that makes passkeys, and asks whoever holds it for a
// finger, which is always the right one.
func (p *Page) Passkeys() {
	p.t.Helper()
	command(p, webauthn.Enable)
	p.device = command(p, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}}).AuthenticatorID
}

// Refuse has whoever holds that device give a wrong finger from now on.
func (p *Page) Refuse() {
	p.t.Helper()
	command(p, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: p.device, IsUserVerified: false})
}

// Width makes the window so wide, in CSS pixels.
func (p *Page) Width(pixels int64) {
	p.t.Helper()
	const height = 900
	p.do("resize", chromedp.EmulateViewport(pixels, height))
}

// Picture returns the whole page as PNG.
func (p *Page) Picture() []byte {
	p.t.Helper()
	ctx, cancel := p.within()
	defer cancel()
	const png = 100
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(png))
	if err != nil {
		p.fail("take a picture", err)
	}
	return picture
}
