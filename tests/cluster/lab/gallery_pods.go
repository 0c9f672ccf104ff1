package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// exhibit is one pod of the gallery: its status, from which its spec follows.
type exhibit struct {
	name   string
	expect string // what kubectl's STATUS column says
	phase  corev1.PodPhase
	reason string // of the pod as a whole
	// Containers, in the order of the spec. Init containers whose name begins with
	// "sidecar" go on running beside the others.
	init, containers []corev1.ContainerStatus
	conditions       []corev1.PodCondition // instead of those that would follow from the containers
	// adapt changes the pod before it is made.
	adapt func(*corev1.Pod)
	// adaptStatus changes the status before it is written.
	adaptStatus func(*corev1.PodStatus)
	unbound     bool // on no node
	untouched   bool // its status is not written at all
	deleted     bool // has a deletionTimestamp, and a finalizer
}

// pods makes all exhibits.
func (g *gallery) pods(ctx context.Context) error {
	all := exhibits(g.now)
	return inParallel(ctx, writers, len(all), func(ctx context.Context, i int) error {
		if err := g.pod(ctx, &all[i], i); err != nil {
			return fmt.Errorf("%s: %w", all[i].name, err)
		}
		return nil
	})
}

func (g *gallery) pod(ctx context.Context, e *exhibit, i int) error {
	pods := g.client.CoreV1().Pods(galleryNamespace)
	if err := create(ctx, pods.Create, g.podSpec(e)); err != nil {
		return err
	}
	pod, err := pods.Get(ctx, e.name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if !e.untouched {
		pod.Status = g.podStatus(e, pod, i)
		if _, err := pods.UpdateStatus(ctx, pod, metav1.UpdateOptions{}); err != nil {
			return err
		}
	}
	if e.deleted && pod.DeletionTimestamp == nil {
		return pods.Delete(ctx, e.name, metav1.DeleteOptions{})
	}
	return nil
}

func (g *gallery) podSpec(e *exhibit) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: g.meta(e.name)}
	pod.Labels = map[string]string{"app": "gallery", handsOffLabel: "true"}
	pod.Annotations = map[string]string{expectAnnotation: e.expect}
	if e.deleted {
		pod.Finalizers = []string{holdFinalizer}
	}
	if !e.unbound {
		pod.Spec.NodeName = g.node
	}
	if e.phase == corev1.PodSucceeded || e.phase == corev1.PodFailed {
		pod.Spec.RestartPolicy = corev1.RestartPolicyNever
	}
	for _, status := range e.init {
		c := exhibitContainer(status.Name)
		if strings.HasPrefix(status.Name, "sidecar") {
			c.RestartPolicy = ptr.To(corev1.ContainerRestartPolicyAlways)
		}
		pod.Spec.InitContainers = append(pod.Spec.InitContainers, c)
	}
	for _, status := range e.containers {
		pod.Spec.Containers = append(pod.Spec.Containers, exhibitContainer(status.Name))
	}
	if len(e.containers) == 0 {
		pod.Spec.Containers = []corev1.Container{exhibitContainer("app")}
	}
	if e.adapt != nil {
		e.adapt(pod)
	}
	return pod
}

func exhibitContainer(name string) corev1.Container {
	c := corev1.Container{Name: name, Image: exhibitImage(name)}
	if name == "app" {
		c.Ports = []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}, {Name: "dns", ContainerPort: 53, Protocol: corev1.ProtocolUDP}}
	}
	return c
}

func exhibitImage(container string) string {
	return "registry.example.com/gallery/" + container + ":1.0"
}

// podStatus completes what the exhibit says: images and ids, and the conditions
// that a kubelet would derive from the containers.
func (g *gallery) podStatus(e *exhibit, pod *corev1.Pod, i int) corev1.PodStatus {
	status := corev1.PodStatus{
		Phase: e.phase, Reason: e.reason, QOSClass: pod.Status.QOSClass,
		InitContainerStatuses: e.init, ContainerStatuses: e.containers,
	}
	if !e.unbound {
		status.HostIP, status.HostIPs = "127.0.0.1", []corev1.HostIP{{IP: "127.0.0.1"}}
		status.StartTime = ptr.To(metav1.NewTime(g.now.Add(-time.Hour)))
	}
	initialized, ready := true, len(e.containers) > 0
	for j := range status.InitContainerStatuses {
		c := &status.InitContainerStatuses[j]
		initialized = initialized && (ptr.Deref(c.Started, false) || c.State.Terminated != nil && c.State.Terminated.ExitCode == 0)
		c.Image = exhibitImage(c.Name)
	}
	for j := range status.ContainerStatuses {
		c := &status.ContainerStatuses[j]
		ready = ready && c.Ready
		c.Image = exhibitImage(c.Name)
		if c.State.Waiting == nil {
			c.ImageID = c.Image + "@sha256:" + strings.Repeat("ab", 32)
			c.ContainerID = fmt.Sprintf("containerd://%064x", i*100+j)
		}
	}
	if e.phase == corev1.PodRunning {
		status.PodIP = fmt.Sprintf("10.64.255.%d", i+1)
		status.PodIPs = []corev1.PodIP{{IP: status.PodIP}}
	}
	condition := func(kind corev1.PodConditionType, is bool, reason string) corev1.PodCondition {
		c := corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(g.now.Add(-50 * time.Minute))}
		if !is {
			c.Status, c.Reason = corev1.ConditionFalse, reason
		}
		return c
	}
	status.Conditions = []corev1.PodCondition{
		condition(corev1.PodScheduled, !e.unbound, corev1.PodReasonUnschedulable),
		condition(corev1.PodInitialized, initialized, "ContainersNotInitialized"),
		condition(corev1.ContainersReady, ready, "ContainersNotReady"),
		condition(corev1.PodReady, ready, "ContainersNotReady"),
	}
	for _, c := range e.conditions {
		status.Conditions = setCondition(status.Conditions, c)
	}
	if e.adaptStatus != nil {
		e.adaptStatus(&status)
	}
	return status
}

// setCondition replaces the condition of the same type, or adds it.
func setCondition(all []corev1.PodCondition, c corev1.PodCondition) []corev1.PodCondition {
	for i := range all {
		if all[i].Type == c.Type {
			all[i] = c
			return all
		}
	}
	return append(all, c)
}
