package digitalpaye

import (
	"slices"
	"strings"
	"testing"
)

// TestACallNamesReferencesAlone, whatever else it claims; what cannot be read names none.
func TestACallNamesReferencesAlone(t *testing.T) {
	for text, want := range map[string][]string{
		`{"ref":"DP-1","transactionId":"NOV-001","status":"SUCCESSFUL","amount":"100"}`:          {"NOV-001", "DP-1"},
		`{"data":{"ref":"DP-1","transaction_id":"NOV-001","status":"FAILED"},"code_status":200}`: {"NOV-001", "DP-1"},
		`{"transactionId":"NOV-001"}`:                             {"NOV-001"},
		`{"transactionId":17}`:                                    {"17"},
		`{"transactionId":{"$ne":""}}`:                            nil,
		`{"transactionId":"NOV-001","transactionId":"NOV-002"}`:   nil,
		`{"status":"SUCCESSFUL"}`:                                 nil,
		`[{"transactionId":"NOV-001"}]`:                           nil,
		`transactionId=NOV-001`:                                   nil,
		`{"transactionId":"NOV-001"} {"transactionId":"NOV-002"}`: nil,
		``:                                 nil,
		strings.Repeat(`{"data":`, 10_000): nil,
	} {
		if got := named([]byte(text)); !slices.Equal(got, want) {
			t.Errorf("%.80s names %q, want %q", text, got, want)
		}
	}
}
