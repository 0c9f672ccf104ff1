package main

import (
	"math/rand/v2"
	"net/netip"
	"os/exec"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/validation"
)

func TestPlanHasExactlyThePodsAskedFor(t *testing.T) {
	for _, pods := range []int{1, 9, 99, 100, 500, 10000, 100000} {
		for _, nodes := range []int{5, 500} {
			p := newPlan(pods, 20, 10, nodes)
			sum := p.otherPods()
			seen := map[app]bool{}
			for _, a := range p.deployments {
				sum += int(a.replicas)
				a.replicas = 0
				if seen[a] {
					t.Errorf("%s/%s is planned twice", a.namespace, a.name)
				}
				seen[a] = true
			}
			if sum != pods {
				t.Errorf("%d pods asked for, %d planned", pods, sum)
			}
		}
	}
}

func TestExhibitsHaveDifferentAndValidNames(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range exhibits(time.Now()) {
		if problems := validation.NameIsDNSSubdomain(e.name, false); problems != nil {
			t.Errorf("%s: %v", e.name, problems)
		}
		if seen[e.name] || e.expect == "" {
			t.Errorf("%s is there twice, or expects nothing", e.name)
		}
		seen[e.name] = true
	}
}

func TestAddressesOfCopiesStayInThePodsRange(t *testing.T) {
	c := newCopier(nil, nil, time.Now())
	all := netip.MustParsePrefix(podCIDR)
	for _, i := range []int{0, 255, 256, 99999} {
		if ip := netip.MustParseAddr(nth(c.first, i)); !all.Contains(ip) {
			t.Errorf("pod %d has %s", i, ip)
		}
	}
}

func TestSuffixesHaveTheLettersOfGeneratedNames(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		if s := suffix(random); len(s) != 5 || validation.NameIsDNSSubdomain(s, false) != nil {
			t.Fatalf("suffix %q", s)
		}
	}
}

func TestAProcessIsKnownByMoreThanItsNumber(t *testing.T) {
	command := []string{"sleep", "60"}
	p, err := startProcess(command, nil, t.TempDir(), t.TempDir()+"/log")
	if err != nil {
		t.Skip(err) // no sleep here
	}
	if !p.running() {
		t.Fatal("a process that was just started does not run")
	}
	for what, other := range map[string]process{
		"an earlier process of the same number": {Pid: p.Pid, Started: p.Started - 1, Command: command},
		"another program":                       {Pid: p.Pid, Started: p.Started, Command: []string{"sleep", "61"}},
	} {
		if other.running() {
			t.Errorf("taken for ours: %s", what)
		}
		if err := other.stop(time.Second); err != nil {
			t.Error(err)
		}
	}
	if !p.running() {
		t.Fatal("stopping what is not ours stopped ours")
	}
	if err := p.stop(5 * time.Second); err != nil || p.running() {
		t.Fatalf("it does not end: %v", err)
	}
}

func TestAProcessThatIgnoresTheRequestIsEndedAnyway(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip(err)
	}
	p, err := startProcess([]string{"sh", "-c", "trap '' TERM; while :; do sleep 1; done"}, nil, t.TempDir(), t.TempDir()+"/log")
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // until the trap is set
	if err := p.stop(300 * time.Millisecond); err != nil || p.running() {
		t.Fatalf("it does not end: %v", err)
	}
}
