package engine

import (
	"testing"
	"time"

	"payrun/provider"
)

// TestOnlyWhatIsProvenNotProcessedThreeTimesAlikeIsTheEnd: the words of a refusal and of somebody
// who is not the provider count, each by itself and across other answers; a pause that is asked
// for and silence do not.
func TestOnlyWhatIsProvenNotProcessedThreeTimesAlikeIsTheEnd(t *testing.T) {
	refused := provider.Outcome{Class: provider.Refused, Code: "NO"}
	otherwise := provider.Outcome{Class: provider.Refused, Code: "NO", Message: "not today"}
	page := provider.Outcome{Class: provider.Unknown, Code: "HTTP_403"}
	pause := provider.Outcome{Class: provider.Unknown, Code: "HTTP_503", BackOff: true}
	silence := provider.Outcome{Class: provider.Unknown, Code: provider.CodeTimeout}
	throttled := provider.Outcome{Class: provider.Throttled, Code: "SLOW"}
	for name, test := range map[string]struct {
		answers []provider.Outcome
		spent   bool
	}{
		"refused alike":                  {[]provider.Outcome{refused, refused, refused}, true},
		"twice only":                     {[]provider.Outcome{refused, refused}, false},
		"something else in between":      {[]provider.Outcome{refused, throttled, refused, silence, refused}, true},
		"in other words":                 {[]provider.Outcome{refused, otherwise, refused, otherwise}, false},
		"a page alike":                   {[]provider.Outcome{page, page, page}, true},
		"a page that asks for a pause":   {[]provider.Outcome{pause, pause, pause}, false},
		"nothing came back":              {[]provider.Outcome{silence, silence, silence}, false},
		"too fast":                       {[]provider.Outcome{throttled, throttled, throttled}, false},
		"the third was something else":   {[]provider.Outcome{refused, refused, silence}, false},
		"access was refused, as alike":   {[]provider.Outcome{{Class: provider.Forbidden}, {Class: provider.Forbidden}, {Class: provider.Forbidden}}, true},
		"accepted in the end, of course": {[]provider.Outcome{refused, refused, {Class: provider.Successful}}, false},
	} {
		var s sameness
		spent := false
		for _, o := range test.answers {
			s, spent = s.noted(o).proved()
		}
		if spent != test.spent {
			t.Errorf("%s: spent %t", name, spent)
		}
	}
}

// TestSilenceOfTransfersIsAnOutage: three in a row without a usable answer, for as long as an
// outage may last from the first of them.
func TestSilenceOfTransfersIsAnOutage(t *testing.T) {
	silence := provider.Outcome{Class: provider.Unknown, Code: provider.CodeTimeout}
	for name, test := range map[string]struct {
		answers []provider.Outcome // one each second
		at      int
		want    bool
	}{
		"three, and long enough":      {[]provider.Outcome{silence, silence, silence}, 60, true},
		"three, and not yet":          {[]provider.Outcome{silence, silence, silence}, 59, false},
		"two":                         {[]provider.Outcome{silence, silence}, 60, false},
		"none":                        {nil, 60, false},
		"an answer in between":        {[]provider.Outcome{silence, {Class: provider.Refused}, silence, silence, silence}, 61, false},
		"long enough since the last":  {[]provider.Outcome{silence, {Class: provider.Refused}, silence, silence, silence}, 62, true},
		"nothing left the machine":    {[]provider.Outcome{{Class: provider.NotSent}, silence, silence}, 60, true},
		"transfers are refused alone": {[]provider.Outcome{{Class: provider.Refused}, {Class: provider.Refused}, {Class: provider.Refused}}, 60, false},
	} {
		var u unanswered
		for i, o := range test.answers {
			u.note(at(i), o)
		}
		if got := u.lasted(at(test.at), time.Minute); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestWhoIsNotTheProviderIsToldFromOneThatIsSilent: several pages, and never an answer that the
// provider gives; and an acceptance is remembered.
func TestWhoIsNotTheProviderIsToldFromOneThatIsSilent(t *testing.T) {
	page, silence := provider.Outcome{Code: "HTTP_404"}, provider.Outcome{Code: provider.CodeBroken}
	refused, taken, pending := described(provider.Refused), described(provider.Successful), described(provider.Pending)
	for name, test := range map[string]struct {
		answers         []provider.Outcome
		never, accepted bool
	}{
		"two pages":                  {[]provider.Outcome{page, page}, true, false},
		"a page, and then silence":   {[]provider.Outcome{page, silence}, true, false},
		"one page":                   {[]provider.Outcome{page}, false, false},
		"silence":                    {[]provider.Outcome{silence, silence, silence}, false, false},
		"refused before":             {[]provider.Outcome{refused, page, page}, false, false},
		"taken before":               {[]provider.Outcome{taken, page, page}, false, true},
		"taken, and refused since":   {[]provider.Outcome{taken, refused}, false, true},
		"under way is taken, too":    {[]provider.Outcome{pending, refused}, false, true},
		"refused alone":              {[]provider.Outcome{refused, refused}, false, false},
		"nothing was sent until now": {nil, false, false},
	} {
		var u unanswered
		for _, o := range test.answers {
			u.note(noon, o)
		}
		if u.never() != test.never || u.accepted != test.accepted {
			t.Errorf("%s: %+v", name, u)
		}
	}
}
