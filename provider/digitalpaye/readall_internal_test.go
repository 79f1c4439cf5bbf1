package digitalpaye

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

// TestAnAnswerThatCallsItselfHugeTakesNoRoom: the length is the sender's word.
func TestAnAnswerThatCallsItselfHugeTakesNoRoom(t *testing.T) {
	got, err := readAll(&http.Response{Body: io.NopCloser(strings.NewReader("{}")), ContentLength: 1 << 60}, documentedMax)
	if err != nil || string(got) != "{}" {
		t.Errorf("%q, %v, want what came", got, err)
	}
}

// An answer is the same whether its length was announced or not, and a connection that breaks
// is told wherever it does.
func TestAnAnswerIsReadWholeInWhateverPiecesItComes(t *testing.T) {
	const bytesMax = 3*pieceMax + 5
	broken := errors.New("broken")
	for _, length := range []int{0, 1, pieceMax - 1, pieceMax, pieceMax + 1, 2 * pieceMax, bytesMax, bytesMax + 1, bytesMax + pieceMax} {
		want := bytes.Repeat([]byte("0123456789abcdef!"), length/17+1)[:length]
		for _, announced := range []int64{-1, int64(length)} {
			for _, end := range []error{nil, broken, io.ErrUnexpectedEOF} {
				body := io.Reader(bytes.NewReader(want))
				if end != nil {
					body = io.MultiReader(body, iotest.ErrReader(end))
				}
				got, err := readAll(&http.Response{Body: io.NopCloser(body), ContentLength: announced}, bytesMax)
				wanted := end
				if length > bytesMax {
					wanted = errTooLong // and what is behind is not read
				}
				if !errors.Is(err, wanted) || (wanted == nil && !bytes.Equal(got, want)) {
					t.Errorf("%d bytes, announced as %d, then %v: %d bytes, %v", length, announced, end, len(got), err)
				}
			}
		}
	}
}
