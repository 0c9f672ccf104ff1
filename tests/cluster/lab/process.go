package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is what is recorded of a component that was started: enough to know
// it again. A pid alone is not: the number may be another program's by now.
type process struct {
	Pid int `json:"pid"`
	// Started is the kernel's own start time, in clock ticks since boot.
	Started uint64   `json:"started"`
	Command []string `json:"command"`
}

// startProcess runs command detached, in a session of its own, so that it
// outlives this program and the terminal. The environment is ours and what is
// added; the output is appended to logFile.
func startProcess(command, environment []string, dir, logFile string) (*process, error) {
	output, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, output, output
	cmd.Env = append(os.Environ(), environment...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go cmd.Wait() // reaps it if it ends before we do
	stat, err := readStat(cmd.Process.Pid)
	if err != nil {
		return nil, fmt.Errorf("%s ended at once", command[0])
	}
	return &process{Pid: cmd.Process.Pid, Started: stat.started, Command: command}, nil
}

// running says whether this very process still runs. One that has ended but was
// not waited for by its parent (a zombie) does not.
func (p *process) running() bool {
	stat, err := readStat(p.Pid)
	if err != nil || stat.state == 'Z' || stat.state == 'X' || stat.started != p.Started {
		return false
	}
	cmdline, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p.Pid))
	if err == nil && len(cmdline) == 0 {
		return true // in the middle of exec
	}
	return err == nil && bytes.Equal(cmdline, []byte(strings.Join(p.Command, "\x00")+"\x00"))
}

// stop asks the process to end, waits for it up to limit, and then makes it end.
func (p *process) stop(limit time.Duration) error {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if !p.running() {
			return nil
		}
		if err := syscall.Kill(p.Pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
		for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			if !p.running() {
				return nil
			}
		}
	}
	return fmt.Errorf("process %d does not end", p.Pid)
}

// memory is the resident size in bytes, 0 if unknown.
func (p *process) memory() int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.Pid))
	if err != nil {
		return 0
	}
	if fields := strings.Fields(string(data)); len(fields) > 1 {
		pages, _ := strconv.ParseInt(fields[1], 10, 64)
		return pages * int64(os.Getpagesize())
	}
	return 0
}

// processStat is what we need of /proc/PID/stat; see proc_pid_stat(5).
type processStat struct {
	state   byte
	started uint64
	cpu     time.Duration
}

func readStat(pid int) (processStat, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return processStat{}, err
	}
	// The second field is the program's name in parentheses, and may itself hold anything.
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < 20 {
		return processStat{}, fmt.Errorf("/proc/%d/stat: too short", pid)
	}
	started, err := strconv.ParseUint(fields[19], 10, 64)
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every Linux that matters here
	return processStat{state: fields[0][0], started: started, cpu: time.Duration(user+system) * tick}, err
}

// recorded reads the process that was last started as name; nil if there is none.
func (l *Lab) recorded(name string) (*process, error) {
	data, err := os.ReadFile(l.path("run", name+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p := &process{}
	if err := json.Unmarshal(data, p); err != nil {
		return nil, fmt.Errorf("%s: %w", l.path("run", name+".json"), err)
	}
	return p, nil
}

func (l *Lab) record(name string, p *process) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return writeFile(l.path("run", name+".json"), data, 0o644)
}

func (l *Lab) forget(name string) error {
	err := os.Remove(l.path("run", name+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// tool is the path of one of the programs that build.sh puts beside this one.
func tool(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(self), name)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s is not beside lab, run build.sh: %w", name, err)
	}
	return path, nil
}

// tail is the end of a text file, for error messages.
func tail(path string, lines int) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
