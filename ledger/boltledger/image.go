package boltledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"time"

	"payrun/internal/fsx"
	"payrun/ledger"
)

// A bbolt file begins with two pages that say what it holds, of which the newer
// valid one counts. They are read here before bbolt maps the file into memory:
// touching a mapped page that a truncated file does not have would end the
// process without a word.
const (
	pageHeaderSize = 16
	metaSize       = 64
	metaMagic      = 0xED0CDAED
	pageSizeMin    = 1 << 10
	pageSizeMax    = 1 << 16
)

// bootPage holds the fields of a bbolt meta page that matter here.
type bootPage struct {
	pageSize uint32
	// pages counts the pages of the file that are in use.
	pages uint64
	txid  uint64
	// root and freelist are the pages where everything else begins.
	root, freelist uint64
}

// checkImage refuses a file that bbolt should not be given. It reads every page that is in
// use once, unless a seal says that the list of free pages can be believed.
func checkImage(path string, lockTimeout time.Duration) (err error) {
	file, err := fsx.Open(path)
	if err != nil {
		return &ledger.AccessError{Path: path, Err: err}
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("open ledger: %w", err)
	}
	if !info.Mode().IsRegular() {
		return &ledger.NoLedgerError{Path: path, Kind: kindOf(info.Mode())}
	}
	// A file that is being written to looks damaged.
	if err := lockShared(file, lockTimeout); err != nil {
		return err
	}
	corrupt := func(expected, found string) error {
		return &ledger.CorruptError{Path: path, Where: "the file", Expected: expected, Found: found}
	}
	if info.Size() == 0 {
		return &ledger.NoLedgerError{Path: path, Kind: "an empty file"}
	}
	newest, ok := newestBootPage(file)
	switch {
	case !ok && likePages(info.Size()):
		return corrupt("a ledger", "neither of its first two pages")
	case !ok:
		return &ledger.NoLedgerError{Path: path, Kind: "a file of another kind"}
	}
	if need := newest.pages * uint64(newest.pageSize); need > uint64(info.Size()) { //nolint:gosec // sizes are positive
		return corrupt(fmt.Sprintf("%d bytes", need), fmt.Sprintf("%d: the end is missing", info.Size()))
	}
	if _, err := checkFree(file, newest); err != nil {
		return corrupt("whole pages", err.Error())
	}
	return nil
}

// freeList is a list of free pages that can be believed.
type freeList struct {
	free pageSet
	list page
}

// checkFree reads the list of free pages, and all other pages unless it is sealed.
func checkFree(file io.ReaderAt, boot bootPage) (found freeList, err error) {
	found.free, found.list, err = freePages(file, boot)
	if err != nil || boot.sealed(file, found.list) {
		return found, err
	}
	return found, checkPages(file, boot)
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	default:
		return "a special file"
	}
}

// likePages reports whether a file of this size may be a ledger that lost its first
// pages. The smallest has four.
func likePages(size int64) bool {
	const pagesMin = 4
	page := int64(os.Getpagesize())
	return size >= pagesMin*page && size%page == 0
}

// newestBootPage tries the first page, then the second at every page size, since
// the first may be damaged.
func newestBootPage(file io.ReaderAt) (newest bootPage, ok bool) {
	offsets := []int64{0}
	for size := int64(pageSizeMin); size <= pageSizeMax; size *= 2 {
		offsets = append(offsets, size)
	}
	for _, offset := range offsets {
		page, valid := readBootPage(file, offset)
		if valid && (offset == 0 || int64(page.pageSize) == offset) && (!ok || page.txid > newest.txid) {
			newest, ok = page, true
		}
	}
	return newest, ok
}

func readBootPage(file io.ReaderAt, offset int64) (bootPage, bool) {
	var meta [metaSize]byte
	if _, err := file.ReadAt(meta[:], offset+pageHeaderSize); err != nil {
		return bootPage{}, false
	}
	sum := fnv.New64a()
	_, _ = sum.Write(meta[:metaSize-8])
	order := binary.NativeEndian
	if order.Uint32(meta[0:]) != metaMagic || order.Uint64(meta[metaSize-8:]) != sum.Sum64() {
		return bootPage{}, false
	}
	return bootPage{
		pageSize: order.Uint32(meta[8:]), root: order.Uint64(meta[16:]), freelist: order.Uint64(meta[32:]),
		pages: order.Uint64(meta[40:]), txid: order.Uint64(meta[48:]),
	}, true
}
