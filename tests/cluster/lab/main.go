// Command lab runs a real Kubernetes control plane on this machine, to test against.
//
// Each lab lives in a directory of its own, with its own ports, certificates and
// data, so that many can run side by side; everything listens on 127.0.0.1 only.
// The components are the real ones (see ../controlplane), the nodes are played by
// kwok. This program never talks to any cluster but those it started itself.
//
// What a command is asked to tell goes to stdout, progress and complaints to stderr.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"text/tabwriter"
)

// command is one subcommand: its name, what its usage says, and what it does.
type command struct {
	name, arguments, help string
	run                   func(ctx context.Context, args []string) error
}

// commands is a function since "help" refers to it.
func commands() []command {
	return []command{
		{"up", "--dir DIR [--nodes N]", "start a lab, or a stopped one again; prints its kubeconfig", runUp},
		{"down", "--dir DIR [--wipe]", "stop it; --wipe also removes DIR", runDown},
		{"status", "--dir DIR", "what runs, with pid and memory", runStatus},
		{"settle", "--dir DIR [--below CORES]", "wait until it has caught up and is quiet", runSettle},
		{"stop", "--dir DIR COMPONENT...", "stop some components", runStop},
		{"start", "--dir DIR COMPONENT...", "start them again, on the same ports", runStart},
		{"restart", "--dir DIR COMPONENT...", "both", runRestart},
		{"load", "--dir DIR --pods M [--namespaces N] [--replicas R] [--direct]", "fill it with workloads", runLoad},
		{"churn", "--dir DIR --rate R --seconds S [--visible]", "change pods at a steady rate", runChurn},
		{"gallery", "--dir DIR", "one of each state that a person may meet", runGallery},
		{"log", "--dir DIR --rate R --seconds S", "append lines to what every pod logs", runLog},
		{"kubectl", "--dir DIR [--] ARGUMENT...", "run kubectl as the lab's admin", runKubectl},
		{"credential", "--dir DIR", "print an ExecCredential (exec.conf's plugin)", runCredential},
		{"serve", "--address HOST:PORT", "the web server behind every pod's ports (up starts it)", runServe},
	}
}

func main() {
	if len(os.Args) < 2 {
		usage()
		os.Exit(2)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	for _, c := range commands() {
		if c.name == os.Args[1] {
			os.Exit(exitCode(c.name, c.run(ctx, os.Args[2:])))
		}
	}
	usage()
	os.Exit(2)
}

// exitCode says what went wrong, and gives a child's own exit code where there was one.
func exitCode(name string, err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	fmt.Fprintf(os.Stderr, "lab %s: %v\n", name, err)
	return 1
}

func usage() {
	w := tabwriter.NewWriter(os.Stderr, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "usage: lab COMMAND ...; --dir may be left out where $KW_LAB is set")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %s %s\t%s\n", c.name, c.arguments, c.help)
	}
	w.Flush()
}

// flags makes the flag set of a subcommand, with the --dir that all of them take.
func flags(name string) (*flag.FlagSet, *string) {
	set := flag.NewFlagSet("lab "+name, flag.ContinueOnError)
	return set, set.String("dir", os.Getenv("KW_LAB"), "the lab's directory")
}

// progress tells a person what goes on.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "lab: "+format+"\n", args...)
}
