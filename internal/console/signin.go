package console

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"time"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/service"
	"payrun/batch/signin"
	"payrun/ledger"
)

// Namespace is the purpose of signatures that let somebody in: they approve nothing.
const Namespace = "signin@payrun"

// signInRoutes are those of coming and going.
func (s *server) signInRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{method: get, path: "/sign-in", open: true, serve: s.showSignIn},
		{method: post, path: "/sign-in", open: true, limited: true, serve: s.signIn},
		{method: post, path: "/sign-out", serve: s.signOut},
		{method: post, path: "/sign.txt", open: true, serve: s.textToSign},
		{method: get, path: "/invitation/{secret}", open: true, limited: true, serve: s.showInvitation},
		{method: post, path: "/invitation/{secret}", open: true, limited: true, serve: s.useInvitation},
		{method: post, path: "/first-admin", open: true, limited: true, serve: s.beFirst},
	}
}

// signInPage is the page on which somebody signs in.
type signInPage struct {
	Then, Text, Options string
	Namespace           string
}

// showSignIn asks for a signature: of a passkey, or of ssh-keygen.
func (s *server) showSignIn(w http.ResponseWriter, r *http.Request) error {
	then := ownPath(r.URL.Query().Get("then"))
	if visitorOf(r).SignedIn() {
		s.redirect(w, r, then)
		return nil
	}
	c := s.ask(w, "sign-in")
	options, err := s.request(c.digest())
	if err != nil {
		return err
	}
	return s.render(w, r, "signin", signInPage{Then: then, Text: c.Text, Options: options, Namespace: Namespace})
}

// signIn begins a session for whoever's key signed what this browser was asked to.
func (s *server) signIn(w http.ResponseWriter, r *http.Request) error {
	c, err := s.asked(r, "sign-in")
	if err != nil {
		return err
	}
	g, err := s.Service().Governance(r.Context())
	if err != nil {
		return err
	}
	person, key, err := s.signedBy(r, c, g.People)
	if err != nil {
		return err
	}
	if !activeAt(person, s.Clock()) {
		return errUnknownKey
	}
	sum := sha256.Sum256([]byte(c.Text))
	if err := s.begin(w, r, signin.Session{Person: person.Name, Key: key, Challenge: hex.EncodeToString(sum[:])}); err != nil {
		return err
	}
	s.redirect(w, r, ownPath(r.PostFormValue("then")))
	return nil
}

// signedBy finds out who signed a challenge, and with which key.
func (s *server) signedBy(r *http.Request, c challenge, people approval.People) (approval.Person, string, error) {
	var fingerprint string
	if answer := r.PostFormValue("credential"); answer != "" {
		left, err := s.SignIn.Enrolments(r.Context())
		if err != nil {
			return approval.Person{}, "", err
		}
		e, count, err := s.asserted(c, answer, left)
		if err != nil {
			return approval.Person{}, "", err
		}
		if fingerprint, err = fingerprintOf(e.Key); err != nil {
			return approval.Person{}, "", err
		}
		if owner, listed := people.Owner(fingerprint); listed {
			if err := s.counted(r, ledger.Person{Name: owner.Name, Host: s.Host}, fingerprint, count, false); err != nil {
				return approval.Person{}, "", err
			}
		}
	} else {
		signature, err := sshsig.Parse(pasted(r))
		if err != nil {
			return approval.Person{}, "", errSignature
		}
		if _, err := sshsig.Verify(bytes.NewReader([]byte(c.Text)), signature, sshsig.Expect{Namespace: Namespace}); err != nil {
			return approval.Person{}, "", errSignature
		}
		fingerprint = sshsig.Fingerprint(signature.Key)
	}
	person, known := people.Owner(fingerprint)
	if !known {
		return approval.Person{}, "", errUnknownKey
	}
	return person, fingerprint, nil
}

// activeAt reports whether somebody on the list may sign at a moment.
func activeAt(p approval.Person, now time.Time) bool {
	now = now.Truncate(time.Second)
	return (p.ValidAfter.IsZero() || !now.Before(p.ValidAfter)) && (p.ValidBefore.IsZero() || !now.After(p.ValidBefore))
}

// begin begins a session in this browser, and ends the one that it had: whoever planted that
// is not signed in with somebody else.
func (s *server) begin(w http.ResponseWriter, r *http.Request, wanted signin.Session) error {
	by := ledger.Person{Name: wanted.Person, Host: s.Host, Confirmed: string(service.BySignature)}
	if wanted.Key == "" {
		by.Confirmed = string(service.ByRequest)
	}
	_, secret, err := s.SignIn.Begin(r.Context(), by, wanted)
	if errors.Is(err, signin.ErrUsed) {
		return errChallenge
	}
	if err != nil {
		return err
	}
	if err := s.adoptLanguage(w, r, by); err != nil {
		return err
	}
	if before := visitorOf(r); before.ID != "" {
		if err := s.SignIn.End(r.Context(), by, before.ID); err != nil {
			return err
		}
	}
	s.setCookie(w, sessionCookie, secret, signin.Longest)
	s.setCookie(w, challengeCookie, "", 0)
	return nil
}

// textToSign gives a text that a page shows back as a file, byte for byte as it is to be signed.
func (s *server) textToSign(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="sign.txt"`)
	_, _ = w.Write(formLines(r, "text")) //nolint:gosec // as a file of plain text; whoever asked may have gone
	return nil
}

// signOut ends the session of this browser.
func (s *server) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.SignIn.End(r.Context(), s.person(r), visitorOf(r).ID); err != nil {
		return err
	}
	s.setCookie(w, sessionCookie, "", 0)
	s.done(w, r, "/sign-in", "signed_out")
	return nil
}

// endSession ends a session, of one's own or as an admin.
func (s *server) endSession(w http.ResponseWriter, r *http.Request) error {
	all, err := s.SignIn.Sessions(r.Context())
	if err != nil {
		return err
	}
	v, id := visitorOf(r), r.PathValue("id")
	at := slices.IndexFunc(all, func(one signin.Session) bool { return one.ID == id })
	switch {
	case at < 0:
		return errNowhere
	case all[at].Person != v.Person && !v.Is(Admin):
		return errRole
	}
	if err := s.SignIn.End(r.Context(), s.person(r), id); err != nil {
		return err
	}
	back := "/me"
	if all[at].Person != v.Person {
		back = "/people"
	}
	s.done(w, r, back, "session_ended")
	return nil
}

// person is the visitor as the audit log has them.
func (s *server) person(r *http.Request) ledger.Person {
	by := s.actor(r)
	return ledger.Person{Name: by.Person, Host: by.Host, Confirmed: string(by.Confirmed)}
}
