package digitalpaye

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"payrun/provider"
)

func TestTheNetworkSpeaksHTTP2AndNoOldTLS(t *testing.T) {
	for _, test := range []struct {
		says    string
		highest uint16 // version of TLS that the server has
		class   provider.Class
	}{
		{"a server of today", tls.VersionTLS13, provider.Successful},
		{"a server of yesterday", tls.VersionTLS12, provider.Successful},
		{"a server of long ago", tls.VersionTLS11, provider.NotSent},
	} {
		var protocol string
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			protocol = r.Proto
			if r.URL.Path == DefaultAuthPath {
				_, _ = io.WriteString(w, `{"token":"abc","exp":4102444800}`)
				return
			}
			_, _ = io.WriteString(w, newPaid)
		}))
		server.EnableHTTP2 = true
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: test.highest} //nolint:gosec // what is being refused
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)

		transport, ok := network(2).(*http.Transport)
		if !ok {
			t.Fatal("the network is another transport")
		}
		t.Cleanup(transport.CloseIdleConnections)
		transport.TLSClientConfig.RootCAs = x509.NewCertPool()
		transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
		client, err := New(Config{BaseURL: server.URL, Transport: transport})
		if err != nil {
			t.Fatal(err)
		}
		if o := client.Send(t.Context(), ours()); o.Class != test.class {
			t.Errorf("%s: %+v, want %s", test.says, o, test.class)
		}
		if test.class == provider.Successful && protocol != "HTTP/2.0" {
			t.Errorf("%s: speaks %s", test.says, protocol)
		}
	}
}
