package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"text/tabwriter"
)

// named parses "--dir DIR COMPONENT..." and locks the lab.
func named(name string, args []string) (*Lab, []*component, error) {
	set, dir := flags(name)
	if err := set.Parse(args); err != nil {
		return nil, nil, err
	}
	if set.NArg() == 0 {
		return nil, nil, errors.New("which component?")
	}
	var chosen []*component
	for _, arg := range set.Args() {
		c, err := componentNamed(arg)
		if err != nil {
			return nil, nil, err
		}
		chosen = append(chosen, c)
	}
	l, err := openLab(*dir)
	if err != nil {
		return nil, nil, err
	}
	return l, chosen, l.lock()
}

func runStop(_ context.Context, args []string) error {
	l, chosen, err := named("stop", args)
	if err != nil {
		return err
	}
	for _, c := range chosen {
		if err := l.stopComponent(c); err != nil {
			return err
		}
	}
	return nil
}

func runStart(ctx context.Context, args []string) error {
	l, chosen, err := named("start", args)
	if err != nil {
		return err
	}
	for _, c := range chosen {
		if err := l.startComponent(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func runRestart(ctx context.Context, args []string) error {
	l, chosen, err := named("restart", args)
	if err != nil {
		return err
	}
	for _, c := range chosen {
		if err := l.stopComponent(c); err != nil {
			return err
		}
		if err := l.startComponent(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// runStatus prints a line for each component; the exit code says whether all run.
func runStatus(_ context.Context, args []string) error {
	set, dir := flags("status")
	if err := set.Parse(args); err != nil {
		return err
	}
	l, err := openLab(*dir)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "COMPONENT\tSTATE\tPID\tRSS MiB\tCPU s")
	stopped, total := 0, int64(0)
	for _, c := range components {
		p, err := l.recorded(c.name)
		switch {
		case err != nil:
			return err
		case p != nil && p.running():
			stat, _ := readStat(p.Pid)
			fmt.Fprintf(w, "%s\trunning\t%d\t%d\t%.1f\n", c.name, p.Pid, p.memory()>>20, stat.cpu.Seconds())
			total += p.memory()
		case p != nil:
			fmt.Fprintf(w, "%s\tended, see %s\t\t\t\n", c.name, l.path("logs", c.name+".log"))
			stopped++
		case c.wanted(l):
			fmt.Fprintf(w, "%s\tstopped\t\t\t\n", c.name)
			stopped++
		}
	}
	fmt.Fprintf(w, "total\t\t\t%d\t\n", total>>20)
	w.Flush()
	if stopped > 0 {
		return fmt.Errorf("%d components do not run", stopped)
	}
	return nil
}

// runKubectl gives our kubectl the admin's kubeconfig, and its exit code back.
func runKubectl(ctx context.Context, args []string) error {
	set, dir := flags("kubectl")
	if err := set.Parse(args); err != nil {
		return err
	}
	l, err := openLab(*dir)
	if err != nil {
		return err
	}
	program, err := tool("controlplane")
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, append([]string{"kubectl"}, set.Args()...)...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+l.path(adminConf))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}
