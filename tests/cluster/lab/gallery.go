package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

const (
	galleryNamespace = "gallery"
	quotaNamespace   = "gallery-quota"
	// expectAnnotation holds what kubectl's STATUS column must say of a gallery's pod.
	expectAnnotation = "lab.kittiwake/expect"
	// holdFinalizer keeps deleted exhibits: without it they would be gone.
	holdFinalizer = "lab.kittiwake/hold"
)

// gallery shows each state that a person may meet. Its pods' and services' states
// are written through the status subresource, and kwok keeps off them; what the
// controllers can bring about themselves (Deployments, Jobs) is left to them.
type gallery struct {
	lab    *Lab
	client kubernetes.Interface
	node   string // a node of kwok's, on which the pods are
	now    time.Time
}

// runGallery makes the gallery. A second time it writes all statuses anew.
func runGallery(ctx context.Context, args []string) error {
	set, dir := flags("gallery")
	if err := set.Parse(args); err != nil {
		return err
	}
	l, err := openLab(*dir)
	if err != nil {
		return err
	}
	client, err := l.client()
	if err != nil {
		return err
	}
	nodes, err := managedNodes(ctx, client)
	if err != nil {
		return err
	}
	if len(nodes) == 0 {
		return fmt.Errorf("no node is Ready")
	}
	g := &gallery{l, client, nodes[0], time.Now()}
	for _, name := range []string{galleryNamespace, quotaNamespace} {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if err := create(ctx, client.CoreV1().Namespaces().Create, namespace); err != nil {
			return err
		}
		if err := awaitServiceAccount(ctx, client, name); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		what string
		make func(context.Context) error
	}{
		{"pods", g.pods}, {"services", g.services}, {"nodes", g.nodes}, {"workloads", g.workloads},
		{"configuration", g.configuration}, {"events", g.events}, {"custom resources", g.boats},
	} {
		if err := part.make(ctx); err != nil {
			return fmt.Errorf("%s: %w", part.what, err)
		}
	}
	progress("the gallery has %d pods, each annotated with %s", len(exhibits(g.now)), expectAnnotation)
	return nil
}

func (g *gallery) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: galleryNamespace, Name: name, Labels: map[string]string{"app": name}}
}
