package serving

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// certificate is the server's own. It is read anew when its file changes, so that whoever renews it
// restarts nothing. It is safe for concurrent use.
type certificate struct {
	cert, key string

	mu sync.Mutex
	// log is told of a renewal, and why there was none.
	log  zerolog.Logger
	pair *tls.Certificate
	// written is when the files were, of which the pair was read, or could not be.
	written [2]time.Time
}

// readCertificate reads a certificate and its key.
func readCertificate(cert, key string) (*certificate, error) {
	c := &certificate{cert: cert, key: key, log: zerolog.Nop()}
	c.written = c.times()
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	c.pair = &pair
	return c, nil
}

// times are those of the files, zero for one that is not there.
func (c *certificate) times() (at [2]time.Time) {
	for i, path := range []string{c.cert, c.key} {
		if info, err := os.Stat(path); err == nil {
			at[i] = info.ModTime()
		}
	}
	return at
}

// get is tls.Config.GetCertificate. While the files do not belong together, as between the writing of
// one and of the other, the pair of before is in force.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.times()
	if at == c.written {
		return c.pair, nil
	}
	c.written = at
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		c.log.Warn().Err(err).Msg("the certificate was changed and cannot be used; the one before is in force")
		return c.pair, nil
	}
	c.pair = &pair
	c.log.Info().Time("until", pair.Leaf.NotAfter).Msg("the certificate was renewed")
	return c.pair, nil
}

// leaf is the certificate in force.
func (c *certificate) leaf() *x509.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pair.Leaf
}
