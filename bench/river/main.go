// Command river makes the posts of the bare client as jobs of River
// (github.com/riverqueue/river), the job queue over PostgreSQL that one would take: what
// payrun over the same database is held against. It records that a job was done, and nothing
// of what the provider said. It is a module of its own so that payrun's has no queue in it;
// bench cluster builds and runs it.
package main

import (
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"payrun/bench/bare"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "river:", err)
		os.Exit(1) //nolint:forbidigo // the end of this program
	}
}

// options are those of the command line.
type options struct {
	url, file, database, key, secret string
	workers                          int
}

func run(ctx context.Context) error {
	var o options
	flag.StringVar(&o.url, "url", "", "the provider's `URL`")
	flag.StringVar(&o.file, "file", "", "the payroll's `FILE`")
	flag.StringVar(&o.database, "database", "", "the `ADDRESS` of an empty schema")
	flag.StringVar(&o.key, "key", "", "the provider's API key")
	flag.StringVar(&o.secret, "secret", "", "and its secret")
	flag.IntVar(&o.workers, "workers", 64, "requests under way at once")
	flag.Parse()
	pool, err := pgxpool.New(ctx, o.database)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := begin(ctx, pool); err != nil {
		return err
	}
	started := time.Now()
	count, err := pay(ctx, pool, o)
	if err != nil {
		return err
	}
	fmt.Printf("%d jobs in %.3f s\n", count, time.Since(started).Seconds())
	return nil
}

// begin makes River's tables in the schema of the pool.
func begin(ctx context.Context, pool *pgxpool.Pool) error {
	schema := pool.Config().ConnConfig.RuntimeParams["search_path"]
	if _, err := pool.Exec(ctx, "create schema if not exists "+pgx.Identifier{schema}.Sanitize()); err != nil {
		return err
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// job is a transfer as a job.
type job struct{ bare.Transfer }

// Kind implements river.JobArgs.
func (job) Kind() string { return "transfer" }

// worker posts transfers, and counts them.
type worker struct {
	river.WorkerDefaults[job]
	client *bare.Client
	done   *atomic.Int64
}

// Work implements river.Worker.
func (w *worker) Work(ctx context.Context, j *river.Job[job]) error {
	err := w.client.Post(ctx, j.Args.Transfer)
	if err == nil {
		w.done.Add(1)
	}
	return err
}

// pay enters the file as jobs and has them worked off, and returns how many there were.
func pay(ctx context.Context, pool *pgxpool.Pool, o options) (int, error) {
	client, err := bare.New(ctx, o.url, o.key, o.secret, o.workers)
	if err != nil {
		return 0, err
	}
	var done atomic.Int64
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{client: client, done: &done})
	queue, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: o.workers}},
		Workers: workers,
		// It asks for more as soon as it can.
		FetchCooldown: time.Millisecond, FetchPollInterval: 10 * time.Millisecond,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		return 0, err
	}
	count, err := enter(ctx, queue, o.file)
	if err != nil {
		return 0, err
	}
	if err := queue.Start(ctx); err != nil {
		return 0, err
	}
	return count, errors.Join(ended(ctx, pool, &done, count), queue.Stop(ctx))
}

// enter reads a payroll and enters a job for each row, by COPY, some thousand at a time.
func enter(ctx context.Context, queue *river.Client[pgx.Tx], path string) (count int, err error) {
	file, err := os.Open(path) //nolint:gosec // bench names the file
	if err != nil {
		return 0, err
	}
	defer file.Close() //nolint:errcheck // it is only read
	const group = 5_000
	rows := csv.NewReader(file)
	rows.ReuseRecord = true
	var jobs []river.InsertManyParams
	flush := func() error {
		if len(jobs) == 0 {
			return nil
		}
		_, err := queue.InsertManyFast(ctx, jobs)
		count, jobs = count+len(jobs), jobs[:0]
		return err
	}
	for first := true; ; first = false {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return count, flush()
		}
		if err != nil || first {
			if err != nil {
				return count, err
			}
			continue
		}
		amount, err := strconv.ParseInt(row[3], 10, 64)
		if err != nil {
			return count, err
		}
		jobs = append(jobs, river.InsertManyParams{Args: job{bare.To(row[0], row[1], row[2], row[4], amount)}})
		if len(jobs) == group {
			if err := flush(); err != nil {
				return count, err
			}
		}
	}
}

// ended waits until the database says that every job is completed.
func ended(ctx context.Context, pool *pgxpool.Pool, done *atomic.Int64, count int) error {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
		if done.Load() < int64(count) {
			continue
		}
		var left int
		if err := pool.QueryRow(ctx, "select count(*) from river_job where state <> 'completed'").Scan(&left); err != nil || left == 0 {
			return err
		}
	}
}
