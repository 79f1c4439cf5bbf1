package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/internal/heapfloor"
	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/memledger"
	"payrun/provider"
	"payrun/provider/digitalpaye"
	"payrun/reports"
)

// payOptions say what runPay takes.
type payOptions struct {
	file, url, store, folder string
	until                    string
	workers                  int
	cpuProfile, heapProfile  string
}

// runPay makes the calls of payrun run over a ledger of either kind, without what
// surrounds it, and tells how long each part took. It is how the ledger's cost
// is found, and what is profiled.
func runPay(ctx context.Context, args []string) error {
	// As payrun has it. Without it a store that keeps everything in memory would have
	// the heap collected less often than one that does not.
	floor := heapfloor.Lay(os.LookupEnv)
	defer runtime.KeepAlive(floor)
	var o payOptions
	flags := flag.NewFlagSet("pay", flag.ContinueOnError)
	flags.StringVar(&o.file, "file", "", "the payroll's `FILE`")
	flags.StringVar(&o.url, "url", "", "the provider's `URL`")
	flags.StringVar(&o.store, "store", "bolt", "`bolt` or memory")
	flags.StringVar(&o.folder, "folder", ".", "the `DIR` that takes ledger and reports")
	flags.StringVar(&o.until, "until", "reports", "the last `step`: inspect, enrol, engine or reports")
	flags.IntVar(&o.workers, "workers", 64, "requests under way at once")
	flags.StringVar(&o.cpuProfile, "cpuprofile", "", "write the CPU profile to `FILE`")
	flags.StringVar(&o.heapProfile, "heapprofile", "", "write what was allocated to `FILE`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	stop, err := startProfile(o.cpuProfile)
	if err != nil {
		return err
	}
	err = errors.Join(pay(ctx, o), stop())
	if err == nil && o.heapProfile != "" {
		err = writeHeapProfile(o.heapProfile)
	}
	return err
}

func startProfile(path string) (stop func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Create(path) //nolint:gosec // the person names the file
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return file.Close()
	}, nil
}

func writeHeapProfile(path string) error {
	file, err := os.Create(path) //nolint:gosec // the person names the file
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(file, 0), file.Close())
}

// job is one payroll on its way through.
type job struct {
	payOptions
	service *service.Service
	file    *table.File
	checked *service.Checked
	store   ledger.Store
	batch   ledger.Batch
}

func pay(ctx context.Context, o payOptions) (err error) {
	j := job{payOptions: o}
	if err := j.open(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.store.Close(), j.file.Close()) }()
	whole := time.Now()
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{{"inspect", j.check}, {"enrol", j.submit}, {"engine", j.run}, {"reports", j.report}} {
		started, before := time.Now(), processorTime()
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		fmt.Printf("%-8s %.3f s, processor %.3f s\n", step.name, time.Since(started).Seconds(), (processorTime() - before).Seconds())
		if step.name == o.until {
			break
		}
	}
	fmt.Printf("%-8s %.3f s\n", "all", time.Since(whole).Seconds())
	return nil
}

func (j *job) open() (err error) {
	set, err := rules.Default()
	if err != nil {
		return err
	}
	client, err := digitalpaye.New(digitalpaye.Config{
		BaseURL: j.url, Connections: j.workers, Credentials: provider.Credentials{Key: apiKey, Secret: apiSecret},
	})
	if err != nil {
		return err
	}
	if j.file, err = table.Open(j.payOptions.file, table.Options{}); err != nil {
		return err
	}
	if j.payOptions.store == "memory" {
		j.store = memledger.New()
	} else if j.store, err = boltledger.Open(j.folder+"/bench.db", boltledger.Options{}); err != nil {
		return errors.Join(err, j.file.Close())
	}
	j.service = service.New(service.Config{
		Ledger: j.store, Provider: client, Account: client.Account(), Rules: set,
		Pace: service.Pace{Workers: j.workers, Wait: time.Minute},
	})
	return nil
}

func (j *job) check(ctx context.Context) (err error) {
	j.checked, err = j.service.Check(ctx, j.file, service.CheckOptions{Batch: "bench"})
	return err
}

func (j *job) submit(ctx context.Context) (err error) {
	j.batch, err = j.service.Submit(ctx, service.Actor{}, j.checked.Submission(ctx, "bench.csv", nil))
	return err
}

func (j *job) run(ctx context.Context) error {
	paid, err := j.service.Pay(ctx, service.Actor{}, service.Payment{Batch: j.batch})
	return errors.Join(err, paid.Stopped)
}

func (j *job) report(ctx context.Context) error {
	_, err := reports.Write(ctx, j.folder, j.store, reports.Header{
		Batch: j.batch.ID, File: j.batch.File, SHA256: j.batch.SHA256, Environment: j.batch.Account.Place, Currency: j.batch.Currency,
		CreatedAt: j.batch.CreatedAt,
	}, reports.Options{})
	return err
}
