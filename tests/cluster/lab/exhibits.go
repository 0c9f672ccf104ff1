package main

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// The states of one container, as a kubelet reports them.

func containerStatus(name string) corev1.ContainerStatus {
	return corev1.ContainerStatus{Name: name, Started: ptr.To(false)}
}

func waiting(name, reason string) corev1.ContainerStatus {
	c := containerStatus(name)
	c.State.Waiting = &corev1.ContainerStateWaiting{Reason: reason}
	return c
}

func running(name string, since time.Time) corev1.ContainerStatus {
	c := containerStatus(name)
	c.State.Running = &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(since)}
	c.Started, c.Ready = ptr.To(true), true
	return c
}

func ended(name string, at time.Time, code int32, reason string) corev1.ContainerStatus {
	c := containerStatus(name)
	c.State.Terminated = &corev1.ContainerStateTerminated{
		ExitCode: code, Reason: reason, StartedAt: metav1.NewTime(at.Add(-time.Minute)), FinishedAt: metav1.NewTime(at),
	}
	return c
}

// signalled containers were ended by a signal, and their runtime gave no reason.
func signalled(name string, at time.Time, signal int32) corev1.ContainerStatus {
	c := ended(name, at, 128+signal, "")
	c.State.Terminated.Signal = signal
	return c
}

func unready(c corev1.ContainerStatus) corev1.ContainerStatus {
	c.Ready = false
	return c
}

func unstarted(c corev1.ContainerStatus) corev1.ContainerStatus {
	c.Ready, c.Started = false, ptr.To(false)
	return c
}

// restarted containers have ended before: last time then, with this code and reason.
func restarted(c corev1.ContainerStatus, times int32, last time.Time, code int32, reason string) corev1.ContainerStatus {
	c.RestartCount = times
	c.LastTerminationState = ended(c.Name, last, code, reason).State
	return c
}

// exhibits are all pods of the gallery. The states and their names follow what
// the API server itself makes of a pod's row (printPod in
// pkg/printers/internalversion/printers.go of Kubernetes 1.37).
func exhibits(now time.Time) []exhibit {
	ago := func(minutes int) time.Time { return now.Add(-time.Duration(minutes) * time.Minute) }
	var (
		pending, up, succeeded, failed = corev1.PodPending, corev1.PodRunning, corev1.PodSucceeded, corev1.PodFailed

		list = func(all ...corev1.ContainerStatus) []corev1.ContainerStatus { return all }
		ok   = running("app", ago(50))
		wait = waiting("app", "PodInitializing")
		done = ended("init", ago(50), 0, "Completed")
	)
	all := []exhibit{
		// Not started yet.
		{name: "pending-unschedulable", expect: "Pending", unbound: true, untouched: true, adapt: func(p *corev1.Pod) {
			p.Spec.NodeSelector = map[string]string{"lab.kittiwake/no-such-node": "true"}
		}},
		{name: "pending-gated", expect: "SchedulingGated", unbound: true, untouched: true, adapt: func(p *corev1.Pod) {
			p.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "lab.kittiwake/quota"}}
		}},
		{name: "pending-nominated", expect: "Pending", phase: pending, unbound: true, adapt: func(p *corev1.Pod) {
			p.Spec.SchedulerName = "nobody" // ours would take the nomination back
		}, adaptStatus: func(s *corev1.PodStatus) { s.NominatedNodeName = "node-1" }},
		{name: "pending-bound", expect: "Pending", phase: pending},
		{name: "pending-no-reason", expect: "Pending", phase: pending, containers: list(waiting("app", ""))},
		{name: "creating", expect: "ContainerCreating", phase: pending, containers: list(waiting("app", "ContainerCreating"))},
		{name: "pull-error", expect: "ErrImagePull", phase: pending, containers: list(waiting("app", "ErrImagePull"))},
		{name: "pull-backoff", expect: "ImagePullBackOff", phase: pending, containers: list(waiting("app", "ImagePullBackOff"))},
		{name: "image-name", expect: "InvalidImageName", phase: pending, containers: list(waiting("app", "InvalidImageName"))},
		{name: "config-error", expect: "CreateContainerConfigError", phase: pending, containers: list(waiting("app", "CreateContainerConfigError"))},

		// Init containers.
		{name: "init-0-of-2", expect: "Init:0/2", phase: pending, containers: list(wait),
			init: list(unready(running("init", ago(1))), waiting("init-2", "PodInitializing"))},
		{name: "init-1-of-2", expect: "Init:1/2", phase: pending, containers: list(wait),
			init: list(done, waiting("init-2", "PodInitializing"))},
		{name: "init-crashloop", expect: "Init:CrashLoopBackOff", phase: pending, containers: list(wait),
			init: list(restarted(waiting("init", "CrashLoopBackOff"), 5, ago(2), 1, "Error"))},
		{name: "init-pull-backoff", expect: "Init:ImagePullBackOff", phase: pending, containers: list(wait),
			init: list(waiting("init", "ImagePullBackOff"))},
		{name: "init-error", expect: "Init:Error", phase: pending, containers: list(wait), init: list(ended("init", ago(1), 1, "Error"))},
		{name: "init-exit-code", expect: "Init:ExitCode:3", phase: pending, containers: list(wait), init: list(ended("init", ago(1), 3, ""))},
		{name: "init-signal", expect: "Init:Signal:9", phase: pending, containers: list(wait), init: list(signalled("init", ago(1), 9))},
		{name: "init-done", expect: "PodInitializing", phase: pending, containers: list(wait), init: list(done)},

		// Sidecars: init containers that go on.
		{name: "sidecar-starting", expect: "Init:0/1", phase: pending, containers: list(wait), init: list(unstarted(running("sidecar", ago(1))))},
		{name: "sidecar-started", expect: "PodInitializing", phase: pending, containers: list(wait), init: list(running("sidecar", ago(1)))},
		{name: "sidecar-running", expect: "Running", phase: up, containers: list(ok), init: list(done, running("sidecar", ago(50)))},
		{name: "sidecar-restarted", expect: "Running", phase: up, containers: list(ok),
			init: list(restarted(running("sidecar", ago(5)), 2, ago(5), 1, "Error"))},
		{name: "sidecar-crashloop", expect: "Init:CrashLoopBackOff", phase: up, containers: list(ok), // though Initialized stays true
			init:       list(restarted(waiting("sidecar", "CrashLoopBackOff"), 4, ago(3), 2, "Error")),
			conditions: []corev1.PodCondition{{Type: corev1.PodInitialized, Status: corev1.ConditionTrue}}},

		// Running, more or less.
		{name: "running", expect: "Running", phase: up, containers: list(ok)},
		{name: "running-unready", expect: "Running", phase: up, containers: list(unready(ok))},
		{name: "running-restarts", expect: "Running", phase: up, containers: list(
			restarted(running("app", ago(10)), 3, ago(10), 1, "Error"),
			restarted(running("proxy", ago(4)), 1, ago(4), 0, "Completed"),
			restarted(running("cache", ago(300)), 7, ago(300), 137, "OOMKilled"))},
		{name: "running-half-done", expect: "Running", phase: up, containers: list(ended("once", ago(9), 0, "Completed"), ok),
			conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}},
		{name: "not-ready-half-done", expect: "NotReady", phase: up, containers: list(ended("once", ago(9), 0, "Completed"), ok),
			conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse, Reason: "ContainersNotReady"}}},
		{name: "readiness-gates", expect: "Running", phase: up, containers: list(ok), adapt: func(p *corev1.Pod) {
			p.Spec.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: "lab.kittiwake/registered"}, {ConditionType: "lab.kittiwake/warm"}}
		}, conditions: []corev1.PodCondition{
			{Type: "lab.kittiwake/registered", Status: corev1.ConditionTrue},
			{Type: "lab.kittiwake/warm", Status: corev1.ConditionFalse},
			{Type: corev1.PodReady, Status: corev1.ConditionFalse, Reason: "ReadinessGatesNotReady"}}},
		{name: "two-addresses", expect: "Running", phase: up, containers: list(ok), adaptStatus: func(s *corev1.PodStatus) {
			s.PodIPs = append(s.PodIPs, corev1.PodIP{IP: "fd00:64::7"})
		}},
		{name: "many-containers", expect: "CrashLoopBackOff", phase: up, containers: manyContainers(now)},
		{name: strings.Repeat("long-name-", 11) + "end", expect: "Running", phase: up, containers: list(ok)},

		// Ended, well or badly.
		{name: "crashloop", expect: "CrashLoopBackOff", phase: up,
			containers: list(restarted(waiting("app", "CrashLoopBackOff"), 14, ago(2), 1, "Error"), running("proxy", ago(50)))},
		{name: "oom-killed", expect: "OOMKilled", phase: up, containers: list(restarted(ended("app", ago(1), 137, "OOMKilled"), 2, ago(6), 137, "OOMKilled"))},
		{name: "error", expect: "Error", phase: failed, containers: list(ended("app", ago(7), 1, "Error"))},
		{name: "error-behind-completed", expect: "Error", phase: failed, containers: list(
			ended("app", ago(7), 0, "Completed"), ended("proxy", ago(7), 1, "Error"))},
		{name: "exit-code", expect: "ExitCode:42", phase: failed, containers: list(ended("app", ago(7), 42, ""))},
		{name: "signal", expect: "Signal:11", phase: failed, containers: list(signalled("app", ago(7), 11))},
		{name: "status-unknown", expect: "ContainerStatusUnknown", phase: failed, containers: list(ended("app", ago(7), 137, "ContainerStatusUnknown"))},
		{name: "completed", expect: "Completed", phase: succeeded, containers: list(ended("app", ago(7), 0, "Completed"))},
		{name: "evicted", expect: "Evicted", phase: failed, reason: "Evicted", adaptStatus: func(s *corev1.PodStatus) {
			s.Message = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 87Mi."
		}},
		{name: "out-of-cpu", expect: "OutOfcpu", phase: failed, reason: "OutOfcpu"},
		{name: "node-shutdown", expect: "Terminated", phase: failed, reason: "Terminated"},

		// On the way out, or lost.
		{name: "terminating", expect: "Terminating", phase: up, containers: list(ok), deleted: true},
		{name: "terminating-pending", expect: "Terminating", phase: pending, containers: list(waiting("app", "ContainerCreating")), deleted: true},
		{name: "terminating-completed", expect: "Completed", phase: succeeded, containers: list(ended("app", ago(7), 0, "Completed")), deleted: true},
		{name: "node-lost", expect: "Unknown", phase: up, reason: "NodeLost", containers: list(ok), deleted: true},
		{name: "phase-unknown", expect: "Unknown", phase: corev1.PodUnknown},
	}
	return all
}

// manyContainers is a pod of twelve, of which one does not come up.
func manyContainers(now time.Time) []corev1.ContainerStatus {
	var all []corev1.ContainerStatus
	for i := range 12 {
		all = append(all, running(fmt.Sprintf("part-%d", i+1), now.Add(-time.Hour)))
	}
	all[4] = restarted(waiting("part-5", "CrashLoopBackOff"), 3, now.Add(-3*time.Minute), 2, "Error")
	return all
}
