package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"payrun/ledger"
)

// finishWithin bounds a command that is told of an end.
const finishWithin = time.Minute

// finished runs the command of --on-finish, if there is one, and tells it how a run ended: the
// object that --output json prints on its standard input, the batch and the exit code in its
// environment, which has no credentials. What it prints goes to standard error. That it failed,
// or takes too long, is told and changes nothing.
func (a *app) finished(ctx context.Context, object json.RawMessage, id ledger.BatchID, exit int) {
	command := a.OnFinish
	if command == "" {
		return
	}
	a.told = true
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
	defer cancel()
	shell, run := "/bin/sh", "-c"
	if runtime.GOOS == "windows" {
		shell, run = "cmd", "/C"
	}
	cmd := exec.CommandContext(ctx, shell, run, command) //nolint:gosec // a person's own setting, which no file that was found sets
	cmd.Stdin = bytes.NewReader(append(object, '\n'))
	cmd.Stdout, cmd.Stderr = a.Stderr, a.Stderr
	cmd.Env = append(a.WithoutCredentials(), "PAYRUN_BATCH="+string(id), "PAYRUN_EXIT="+strconv.Itoa(exit))
	cmd.WaitDelay = time.Second // what it left behind may hold its output
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		a.Remark(a.Text("finish.failed", "reason", err.Error()))
	}
}

// finishedEarly tells the command of --on-finish that a command ended before any batch did.
func (a *app) finishedEarly(ctx context.Context, err error, exit int) {
	if err == nil || a.told || a.OnFinish == "" || a.Words == nil {
		return
	}
	object, failed := a.ErrorObject(err, exit)
	if failed != nil {
		a.Remark(a.Text("finish.failed", "reason", failed.Error()))
		return
	}
	a.finished(ctx, object, "", exit)
}
