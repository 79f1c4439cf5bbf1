package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// challengeCookie binds what a browser is asked to sign to that browser.
const challengeCookie = "payrun-challenge"

// patience is how long what was asked may be answered.
const patience = 10 * time.Minute

// challenge is a text that a browser, or whoever sits at it, is asked to sign. Nothing of it is
// kept here, so that any server over the ledger takes the answer: the text has a secret of the
// browser's cookie in it, and a session begins once with a text.
type challenge struct {
	Text  string
	asked time.Time
}

// digest is the text's SHA-256: the challenge of a passkey.
func (c challenge) digest() []byte {
	sum := sha256.Sum256([]byte(c.Text))
	return sum[:]
}

// ask returns a new challenge for a purpose, "sign-in" or "key", and remembers it in the browser.
func (s *server) ask(w http.ResponseWriter, purpose string) challenge {
	value := strconv.FormatInt(s.Clock().Unix(), 10) + "." + rand.Text()
	s.setCookie(w, challengeCookie, value, patience)
	c, _ := s.challengeOf(purpose, value)
	return c
}

// asked is the challenge that the browser was given for a purpose, unless it is too old.
func (s *server) asked(r *http.Request, purpose string) (challenge, error) {
	cookie, err := r.Cookie(s.cookieName(challengeCookie))
	if err != nil {
		return challenge{}, errChallenge
	}
	c, ok := s.challengeOf(purpose, cookie.Value)
	if age := s.Clock().Sub(c.asked); !ok || age > patience || age < -time.Minute {
		return challenge{}, errChallenge
	}
	return c, nil
}

func (s *server) challengeOf(purpose, value string) (challenge, bool) {
	seconds, secret, _ := strings.Cut(value, ".")
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || len(secret) != len(rand.Text()) {
		return challenge{}, false
	}
	sum := sha256.Sum256([]byte(value))
	asked := time.Unix(unix, 0).UTC()
	return challenge{asked: asked, Text: "payrun " + purpose + " 1\nserver: " + s.Origin + "\nasked: " + asked.Format(time.RFC3339) +
		"\nnonce: " + hex.EncodeToString(sum[:]) + "\n"}, true
}
