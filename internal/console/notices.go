package console

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"payrun/batch/outbox"
)

// noticeRoutes are those of what others are told of batches. Who reads at the API reads here; sending
// again is the admin's, as there it is the tokens'.
func (s *server) noticeRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/notices", nav: "console.nav.notices", serve: s.showNotices},
		{method: http.MethodPost, path: "/notices/{channel}/{event}/again", roles: []Role{Admin}, serve: s.tellAgain},
	}
}

// noticesShown is how many notices a page of the list has.
const noticesShown = 50

// noticeStates are in the order of the list: what waits for a person first. They are its filters too.
func noticeStates() []outbox.State { return []outbox.State{outbox.Dead, outbox.Waiting, outbox.Sent} }

// noticeLine is a notice in the list.
type noticeLine struct {
	outbox.Told

	// Path is the page of its batch. Again has it sent once more, empty where nobody may.
	Path, Again string
	// Later is set if it is tried again at Next, and not before.
	Later bool
}

// noticeList is a page of the list of notices.
type noticeList struct {
	// Show is the state of those that are listed, empty for all, Filters all there are.
	Show    string
	Filters []filterLink
	Notices []noticeLine
	Pages   paging
}

// showNotices lists what others were told of, or are to be: what was given up first, then what waits,
// and of each the newest first.
func (s *server) showNotices(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	show := query.Get("show")
	if show != "" && !slices.Contains(noticeStates(), outbox.State(show)) {
		return errRequest
	}
	all, err := s.notices.List(r.Context(), outbox.State(show))
	if err != nil {
		return err
	}
	slices.SortFunc(all, noticeOrder)
	list := noticeList{Show: show}
	for _, state := range append([]outbox.State{""}, noticeStates()...) {
		list.Filters = append(list.Filters, filterLink{Show: string(state), Path: noticesFrom(string(state), ""), Current: string(state) == show})
	}
	if after := query.Get("after"); after != "" {
		last, is := parseNotice(after)
		if !is {
			return errRequest
		}
		all = slices.DeleteFunc(all, func(one outbox.Told) bool { return noticeOrder(one, last) <= 0 })
		list.Pages.First = noticesFrom(show, "")
	}
	if len(all) > noticesShown {
		all = all[:noticesShown]
		list.Pages.Next = noticesFrom(show, placeOf(all[len(all)-1]))
	}
	for _, one := range all {
		list.Notices = append(list.Notices, s.noticeLine(one, visitorOf(r).Is(Admin)))
	}
	return s.render(w, r, "notices", list)
}

func (s *server) noticeLine(one outbox.Told, sends bool) noticeLine {
	now := s.Clock()
	line := noticeLine{Told: one, Path: batchPath(one.Batch, ""), Later: later(one, now)}
	if sends && held(one, now) {
		line.Again = "/notices/" + url.PathEscape(one.Channel) + "/" + strconv.FormatUint(one.Event, 10) + "/again"
	}
	return line
}

// later reports whether a notice waits for a time that is yet to come.
func later(one outbox.Told, now time.Time) bool {
	return one.State == outbox.Waiting && one.Next.After(now)
}

// held reports whether a person has a notice sent sooner than it would be by itself.
func held(one outbox.Told, now time.Time) bool { return one.State == outbox.Dead || later(one, now) }

// noticeOrder compares two notices by their places in the list.
func noticeOrder(a, b outbox.Told) int {
	rank := func(state outbox.State) int { return slices.Index(noticeStates(), state) }
	return cmp.Or(cmp.Compare(rank(a.State), rank(b.State)), cmp.Compare(b.Event, a.Event), strings.Compare(a.Channel, b.Channel))
}

// placeOf is the place of a notice in the list, as an address has it: it holds also when the notice
// went elsewhere. parseNotice reads it.
func placeOf(one outbox.Told) string {
	return string(one.State) + "." + strconv.FormatUint(one.Event, 10) + "." + one.Channel
}

func parseNotice(place string) (outbox.Told, bool) {
	state, rest, _ := strings.Cut(place, ".")
	number, channel, is := strings.Cut(rest, ".")
	event, err := strconv.ParseUint(number, 10, 64)
	one := outbox.Told{State: outbox.State(state), Event: event, Channel: channel}
	return one, is && err == nil && slices.Contains(noticeStates(), one.State)
}

// noticesFrom is the address of the page behind a place, of those in one state.
func noticesFrom(show, after string) string {
	query := url.Values{}
	for name, value := range map[string]string{"show": show, "after": after} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if len(query) == 0 {
		return "/notices"
	}
	return "/notices?" + query.Encode()
}

// tellAgain has a notice sent once more. Asked for twice, it is recorded once.
func (s *server) tellAgain(w http.ResponseWriter, r *http.Request) error {
	channel := r.PathValue("channel")
	event, err := strconv.ParseUint(r.PathValue("event"), 10, 64)
	if err != nil {
		return errNowhere
	}
	all, err := s.notices.List(r.Context(), "")
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(one outbox.Told) bool { return one.Channel == channel && one.Event == event })
	if at < 0 {
		return errNowhere
	}
	if all[at].State == outbox.Sent {
		return errToldMeanwhile
	}
	if held(all[at], s.Clock()) {
		if err := s.notices.Again(r.Context(), s.person(r), channel, event, s.Clock()); err != nil {
			return err
		}
	}
	s.done(w, r, "/notices", "notice_again")
	return nil
}
