package table

import (
	"testing"
)

func TestTheSamplePayrollIsReadTwiceAlike(t *testing.T) {
	file, err := Open("../../../testdata/payroll.csv", Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	for range 2 {
		number := 1
		for row, err := range file.Rows(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			number++
			if row.Number != number {
				t.Fatalf("row number = %d, want %d", row.Number, number)
			}
			if row.Problem != "" || row.Amount.Text == "" || row.Amount.Problem != "" {
				t.Errorf("row %d = %+v, want one without problems", number, row)
			}
		}
		if number != 201 {
			t.Errorf("last row = %d, want 201", number)
		}
	}
}
