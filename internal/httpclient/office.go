package httpclient

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"payrun/batch/outbox"
	"payrun/internal/httpapi"
)

// Tokens returns all tokens that ever were.
func (c *Client) Tokens(ctx context.Context) (all httpapi.TokenList, err error) {
	return all, c.do(ctx, call{method: http.MethodGet, path: "/v1/tokens"}, &all)
}

// CreateToken makes a token for the caller's own person.
func (c *Client) CreateToken(ctx context.Context, wanted httpapi.WantedToken) (made httpapi.NewToken, err error) {
	return made, c.do(ctx, call{method: http.MethodPost, path: "/v1/tokens", body: wanted}, &made)
}

// RevokeToken ends a token.
func (c *Client) RevokeToken(ctx context.Context, id string) (gone httpapi.Token, err error) {
	return gone, c.do(ctx, call{method: http.MethodDelete, path: "/v1/tokens/" + url.PathEscape(id)}, &gone)
}

// Notices returns what others were told of, or are to be, in a state, empty for all.
func (c *Client) Notices(ctx context.Context, state string) ([]outbox.Told, error) {
	var all []outbox.Told
	for after := ""; ; {
		var page httpapi.Notices
		query := pageAfter(after)
		if state != "" {
			query.Set("state", state)
		}
		if err := c.do(ctx, call{method: http.MethodGet, path: "/v1/notices", query: query}, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Notices...)
		if after = page.Next; after == "" {
			return all, nil
		}
	}
}

// TellAgain has somebody told of an event once more.
func (c *Client) TellAgain(ctx context.Context, channel string, event uint64) error {
	path := "/v1/notices/" + url.PathEscape(channel) + "/" + strconv.FormatUint(event, 10) + "/again"
	return c.do(ctx, call{method: http.MethodPost, path: path}, nil)
}

// CreateHook makes another address for the provider to call.
func (c *Client) CreateHook(ctx context.Context) (made httpapi.Hook, err error) {
	return made, c.do(ctx, call{method: http.MethodPost, path: "/v1/hook"}, &made)
}

// EndHook ends that address.
func (c *Client) EndHook(ctx context.Context) error {
	return c.do(ctx, call{method: http.MethodDelete, path: "/v1/hook"}, nil)
}
