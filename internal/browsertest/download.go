package browsertest

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// Download clicks on what the browser keeps as a file, waits until it has all of it, and returns
// where it is, by the name that the server gave it.
func (p *Page) Download(selector string) string {
	p.t.Helper()
	folder, events := p.t.TempDir(), true
	command(p, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID,
		DownloadPath: folder, EventsEnabled: &events,
	})
	ctx, cancel := p.within()
	defer cancel()
	kept, err := p.keeps(ctx)
	if err != nil {
		p.fail("listen for "+selector, err)
	}
	p.Click(selector)
	select {
	case name := <-kept:
		if name == "" {
			p.fail("keep "+selector, errors.New("the browser broke it off"))
		}
		return filepath.Join(folder, name)
	case <-ctx.Done():
		p.fail("keep "+selector, ctx.Err())
		return ""
	}
}

// keeps tells the name of the next file that the browser keeps, once it has it, empty if it does not.
func (p *Page) keeps(ctx context.Context) (<-chan string, error) {
	kept := make(chan string, 1)
	name, told := "", false
	return kept, chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *browser.EventDownloadWillBegin:
			name = e.SuggestedFilename
		case *browser.EventDownloadProgress:
			if e.State == browser.DownloadProgressStateInProgress || told {
				return
			}
			if told = true; e.State == browser.DownloadProgressStateCanceled {
				name = ""
			}
			kept <- name
		}
	})
}
