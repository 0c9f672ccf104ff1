package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"
)

// What pods log: one text file for all, one of JSON for the proxy containers, and
// one for the run before the last restart. Lines are in the form in which
// container runtimes keep them: time, stream, F for a full line, and the text.
const (
	podLog      = "pod.log"
	jsonLog     = "pod.json.log"
	previousLog = "pod.previous.log"

	podLogLines, previousLogLines = 20000, 200
)

// writePodLogs makes the files: an hour's worth of lines that ends now, and an
// earlier one that ends badly.
func (l *Lab) writePodLogs() error {
	random := rand.New(rand.NewPCG(1, 2))
	for file, line := range map[string]logLine{podLog: textLine, jsonLog: jsonLine} {
		err := l.appendLog(file, func(w io.Writer) error {
			return writeLines(w, random, line, time.Now().Add(-time.Hour), time.Hour, podLogLines)
		})
		if err != nil {
			return err
		}
	}
	return l.appendLog(previousLog, func(w io.Writer) error {
		start := time.Now().Add(-2 * time.Hour)
		if err := writeLines(w, random, textLine, start, time.Minute, previousLogLines); err != nil {
			return err
		}
		return criLine(w, start.Add(time.Minute), "stderr", "FATAL out of memory: cannot allocate 64 MiB for the cart cache")
	})
}

func (l *Lab) appendLog(file string, write func(io.Writer) error) error {
	f, err := os.OpenFile(l.path(file), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	if err := write(w); err != nil {
		return err
	}
	return w.Flush()
}

// logLine makes the text of line i, and says which level it has.
type logLine func(random *rand.Rand, at time.Time, i int) (level, text string)

func writeLines(w io.Writer, random *rand.Rand, line logLine, start time.Time, span time.Duration, n int) error {
	for i := range n {
		at := start.Add(time.Duration(float64(span) * float64(i) / float64(n)))
		level, text := line(random, at, i)
		stream := "stdout"
		if level == "ERROR" || level == "WARN" {
			stream = "stderr"
		}
		if err := criLine(w, at, stream, text); err != nil {
			return err
		}
	}
	return nil
}

func criLine(w io.Writer, at time.Time, stream, text string) error {
	_, err := fmt.Fprintf(w, "%s %s F %s\n", at.UTC().Format("2006-01-02T15:04:05.000000000Z"), stream, text)
	return err
}

// level is INFO mostly; ERROR is one line in fifty.
func level(random *rand.Rand) string {
	switch n := random.IntN(50); {
	case n == 0:
		return "ERROR"
	case n < 4:
		return "WARN"
	case n < 12:
		return "DEBUG"
	}
	return "INFO"
}

func textLine(random *rand.Rand, _ time.Time, i int) (string, string) {
	lvl, took := level(random), 1+random.IntN(900)
	if lvl == "ERROR" {
		return lvl, fmt.Sprintf("%s request failed id=%d path=/checkout/%d status=502 took=%dms upstream=cart", lvl, i, random.IntN(9999), took)
	}
	return lvl, fmt.Sprintf("%s request id=%d path=/items/%d status=200 took=%dms", lvl, i, random.IntN(9999), took)
}

func jsonLine(random *rand.Rand, at time.Time, i int) (string, string) {
	lvl := level(random)
	return lvl, fmt.Sprintf(`{"ts":%q,"level":%q,"msg":"access","id":%d,"path":"/items/%d","status":%d,"took_ms":%d}`,
		at.UTC().Format(time.RFC3339Nano), lvl, i, random.IntN(9999), map[bool]int{true: 502, false: 200}[lvl == "ERROR"], 1+random.IntN(900))
}

// runLog makes every pod log new lines, for what follows logs.
func runLog(ctx context.Context, args []string) error {
	set, dir := flags("log")
	rate := set.Float64("rate", 10, "lines a second")
	seconds := set.Float64("seconds", 10, "how long")
	if err := set.Parse(args); err != nil {
		return err
	}
	if *rate <= 0 {
		return errors.New("--rate must be above 0")
	}
	l, err := openLab(*dir)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	start, written := time.Now(), 0
	for ctx.Err() == nil {
		elapsed := min(time.Since(start).Seconds(), *seconds)
		due := int(elapsed * *rate)
		for file, line := range map[string]logLine{podLog: textLine, jsonLog: jsonLine} {
			err := l.appendLog(file, func(w io.Writer) error {
				for i := written; i < due; i++ {
					now := time.Now()
					if err := writeLines(w, random, func(r *rand.Rand, at time.Time, _ int) (string, string) {
						return line(r, at, i)
					}, now, 0, 1); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		written = due
		if elapsed >= *seconds {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	progress("%d lines in %.1f s", written, time.Since(start).Seconds())
	return nil
}
