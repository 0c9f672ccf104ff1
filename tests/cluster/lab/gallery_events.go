package main

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// events makes them in both shapes: core's, with count and times, and that of
// events.k8s.io, with eventTime and perhaps a series, and no count. Both are
// stored as one kind, so every client meets both.
func (g *gallery) events(ctx context.Context) error {
	reference := func(pod string) (corev1.ObjectReference, error) {
		p, err := g.client.CoreV1().Pods(galleryNamespace).Get(ctx, pod, metav1.GetOptions{})
		if err != nil {
			return corev1.ObjectReference{}, err
		}
		return corev1.ObjectReference{Kind: "Pod", APIVersion: "v1", Namespace: galleryNamespace, Name: pod, UID: p.UID}, nil
	}
	crash, err := reference("crashloop")
	if err != nil {
		return err
	}
	gated, err := reference("pending-gated")
	if err != nil {
		return err
	}
	ago := func(minutes int) time.Time { return g.now.Add(-time.Duration(minutes) * time.Minute) }
	meta := func(name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Namespace: galleryNamespace, Name: name}
	}
	kubelet := corev1.EventSource{Component: "kubelet", Host: g.node}
	for _, event := range []*corev1.Event{
		{ObjectMeta: meta("crashloop.pulled"), InvolvedObject: crash, Type: corev1.EventTypeNormal, Reason: "Pulled", Source: kubelet,
			Message: "Container image already present on machine", Count: 1,
			FirstTimestamp: metav1.NewTime(ago(50)), LastTimestamp: metav1.NewTime(ago(50))},
		{ObjectMeta: meta("crashloop.backoff"), InvolvedObject: crash, Type: corev1.EventTypeWarning, Reason: "BackOff", Source: kubelet,
			Message: "Back-off restarting failed container app in pod crashloop", Count: 213,
			FirstTimestamp: metav1.NewTime(ago(49)), LastTimestamp: metav1.NewTime(ago(1))},
		{ObjectMeta: meta("crashloop.lines"), InvolvedObject: crash, Type: corev1.EventTypeWarning, Reason: "Unhealthy", Source: kubelet,
			Message: "Readiness probe failed:\n  dial tcp 10.64.255.3:8080\n  connect: connection refused", Count: 9,
			FirstTimestamp: metav1.NewTime(ago(40)), LastTimestamp: metav1.NewTime(ago(2))},
	} {
		if err := create(ctx, g.client.CoreV1().Events(galleryNamespace).Create, event); err != nil {
			return err
		}
	}
	for _, event := range []*eventsv1.Event{
		{ObjectMeta: meta("gated.once"), EventTime: metav1.NewMicroTime(ago(5)), Type: corev1.EventTypeNormal, Reason: "Gated", Action: "Waiting",
			ReportingController: "lab.kittiwake/quota", ReportingInstance: "quota-1", Regarding: gated, Note: "waits for quota"},
		{ObjectMeta: meta("gated.series"), EventTime: metav1.NewMicroTime(ago(45)), Type: corev1.EventTypeWarning, Reason: "StillGated", Action: "Waiting",
			ReportingController: "lab.kittiwake/quota", ReportingInstance: "quota-1", Regarding: gated, Note: "still waits for quota",
			Series: &eventsv1.EventSeries{Count: 17, LastObservedTime: metav1.NewMicroTime(ago(3))}},
	} {
		if err := create(ctx, g.client.EventsV1().Events(galleryNamespace).Create, event); err != nil {
			return err
		}
	}
	return nil
}
