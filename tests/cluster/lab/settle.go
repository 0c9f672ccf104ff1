package main

import (
	"context"
	"fmt"
	"time"
)

const (
	// quiet is how many cores a lab uses at most when nothing happens in it.
	quiet = 0.3
	// window is over which that is measured.
	window = 2 * time.Second
	// patience is how long a lab may be busy.
	patience = 10 * time.Minute
)

// runSettle waits until a lab is quiet: before a measurement, say.
func runSettle(ctx context.Context, args []string) error {
	set, dir := flags("settle")
	below := set.Float64("below", quiet, "cores")
	if err := set.Parse(args); err != nil {
		return err
	}
	l, err := openLab(*dir)
	if err != nil {
		return err
	}
	return l.settle(ctx, *below)
}

// settle waits until all components together use less than so many cores. After
// a start, they read and look at every object; kwok is the slowest, with some
// 3,000 pods a second.
func (l *Lab) settle(ctx context.Context, below float64) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	used, before := 0.0, l.cpu()
	return poll(ctx, window, func() (bool, error) {
		now := l.cpu()
		used = (now - before).Seconds() / window.Seconds()
		before = now
		return 0 < used && used < below, nil // 0 is the first look
	}, func() error { return fmt.Errorf("still uses %.1f cores", used) })
}

// cpu is the time that all components have used since they were started.
func (l *Lab) cpu() time.Duration {
	var sum time.Duration
	for _, c := range components {
		if p, err := l.recorded(c.name); err == nil && p != nil && p.running() {
			stat, _ := readStat(p.Pid)
			sum += stat.cpu
		}
	}
	return sum
}
