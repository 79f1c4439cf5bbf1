package main

import (
	"strings"
	"testing"
	"time"
)

// TestAMissedTimeIsAskedAbout: what was released for a time, and was not begun near it, is paid by
// no command in silence, neither run again, nor resume, nor a worker; it is told of, and a person
// releases it again.
func TestAMissedTimeIsAskedAbout(t *testing.T) {
	desk := caller{t: t, payrun: payrunBinary(t), folder: t.TempDir()}
	write(t, desk.folder+"/may.csv", "transaction_id,customer_id,name,amount,operator\nMAY-1,0701020304,Awa Koné,5000,Orange\nMAY-2,0501020304,Yao Kra,6000,MTN\n")
	rehearsal := func(command string, args ...string) []string {
		return append([]string{command}, append(args, "--sandbox", "--no-progress")...)
	}
	late := []string{"--yes", "--start-within", "1ms"}
	due := time.Now().Add(2 * time.Second).UTC().Truncate(time.Second).Format(time.RFC3339)
	desk.wants(exitOpen, "nothing is sent before", rehearsal("run", "may.csv", "--yes", "--not-before", due)...)

	// Nobody was there. The first to look finds that the time is over.
	until(t, "the time is over", func() bool {
		code, _, said := desk.types(rehearsal("work", "--once", "--start-within", "1ms")...)
		if code == exitPaid {
			return false // it is not due, and nothing else is to do
		}
		if code != exitOpen || !strings.Contains(said, "may") {
			t.Fatalf("the worker ended with %d:\n%s", code, said)
		}
		return true
	})
	for _, command := range [][]string{
		rehearsal("run", append([]string{"may.csv"}, late...)...),
		rehearsal("resume", append([]string{"may"}, late...)...),
		rehearsal("resume", late...),
		rehearsal("retry", append([]string{"may"}, late...)...),
		rehearsal("work", "--once", "--start-within", "1ms"),
	} {
		desk.wants(exitOpen, "payrun resume may", command...)
	}
	if out := desk.wants(exitPaid, "", rehearsal("status", "may")...); !strings.Contains(out, "queued +2") && !strings.Contains(strings.Join(strings.Fields(out), " "), "queued 2") {
		t.Errorf("something was sent:\n%s", out)
	}
	if log := desk.wants(exitPaid, "", "ledger", "export", "--sandbox"); strings.Count(log, "batch.stopped") != 1 || !strings.Contains(log, "missed") {
		t.Errorf("the stop is not on record once:\n%s", log)
	}
	desk.wants(exitPaid, "", rehearsal("resume", "may", "--yes", "--not-before", "now")...)
	desk.wants(exitPaid, "", "ledger", "verify", "--sandbox")
}
