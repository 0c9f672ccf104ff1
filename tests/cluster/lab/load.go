package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// writers is how many requests a load has under way at once.
const writers = 8

// loader fills one lab.
type loader struct {
	lab    *Lab
	client kubernetes.Interface
	plan   plan
	// still: those who react to pods stay stopped after a direct load.
	still bool
}

// runLoad fills a lab with workloads, and returns when all their pods run.
func runLoad(ctx context.Context, args []string) error {
	set, dir := flags("load")
	pods := set.Int("pods", 500, "how many pods in all")
	namespaces := set.Int("namespaces", 20, "in how many namespaces, team-1 and so on")
	replicas := set.Int("replicas", 10, "pods of each Deployment")
	direct := set.Bool("direct", false, "write pods into etcd: 10,000 in seconds")
	still := set.Bool("still", false, "with --direct: leave the controllers, the scheduler and kwok stopped, which would look at every pod")
	if err := set.Parse(args); err != nil {
		return err
	}
	if *still && !*direct {
		return errors.New("--still goes with --direct")
	}
	if *pods < 1 || *namespaces < 1 || *replicas < 1 {
		return errors.New("--pods, --namespaces and --replicas must be above 0")
	}
	start := time.Now()
	l, err := openLab(*dir)
	if err != nil {
		return err
	}
	if err := l.lock(); err != nil {
		return err
	}
	client, err := l.client()
	if err != nil {
		return err
	}
	nodes, err := l.enoughNodes(ctx, client, *pods)
	if err != nil {
		return err
	}
	ld := &loader{l, client, newPlan(*pods, *namespaces, *replicas, nodes), *still}
	if *direct {
		err = ld.loadDirect(ctx)
	} else {
		err = ld.loadByControllers(ctx)
	}
	if err != nil {
		return err
	}
	progress("%d pods in %d Deployments and %d namespaces on %d nodes, in %.1f s",
		*pods, len(ld.plan.deployments), *namespaces, nodes, time.Since(start).Seconds())
	return nil
}

// enoughNodes adds nodes until the pods fill no more than four fifths of them.
func (l *Lab) enoughNodes(ctx context.Context, client kubernetes.Interface, pods int) (int, error) {
	ready, err := managedNodes(ctx, client)
	if err != nil {
		return 0, err
	}
	want := max(len(ready), (pods*5/4+podsPerNode-1)/podsPerNode)
	if err := l.ensureNodes(ctx, client, want); err != nil {
		return 0, err
	}
	return want, awaitNodes(ctx, client, want)
}

// loadByControllers creates what a person would, and lets the controllers, the
// scheduler and kwok do their work: some 40 pods a second on two cores.
func (ld *loader) loadByControllers(ctx context.Context) error {
	if err := ld.namespaces(ctx); err != nil {
		return err
	}
	apps := ld.plan.deployments
	err := inParallel(ctx, writers, len(apps), func(ctx context.Context, i int) error {
		return create(ctx, ld.client.AppsV1().Deployments(apps[i].namespace).Create, apps[i].deployment())
	})
	if err != nil {
		return err
	}
	if err := ld.services(ctx); err != nil {
		return err
	}
	if err := ld.others(ctx); err != nil {
		return err
	}
	return ld.awaitRunning(ctx)
}

// namespaces makes them, and what pods in them need.
func (ld *loader) namespaces(ctx context.Context) error {
	return inParallel(ctx, writers, len(ld.plan.namespaces), func(ctx context.Context, i int) error {
		name := ld.plan.namespaces[i]
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"team": name}}}
		if err := create(ctx, ld.client.CoreV1().Namespaces().Create, namespace); err != nil {
			return err
		}
		if err := create(ctx, ld.client.CoreV1().ConfigMaps(name).Create, settings(name)); err != nil {
			return err
		}
		if err := create(ctx, ld.client.CoreV1().Secrets(name).Create, secret(name)); err != nil {
			return err
		}
		return awaitServiceAccount(ctx, ld.client, name)
	})
}

// services makes one for each Deployment, and for each namespace's first a PodDisruptionBudget.
func (ld *loader) services(ctx context.Context) error {
	apps := ld.plan.deployments
	return inParallel(ctx, writers, len(apps), func(ctx context.Context, i int) error {
		a := apps[i]
		if i < len(ld.plan.namespaces) {
			if err := create(ctx, ld.client.PolicyV1().PodDisruptionBudgets(a.namespace).Create, a.budget()); err != nil {
				return err
			}
		}
		return create(ctx, ld.client.CoreV1().Services(a.namespace).Create, a.service())
	})
}

// others makes the workloads that are not Deployments.
func (ld *loader) others(ctx context.Context) error {
	for _, a := range ld.plan.statefulSets {
		if err := create(ctx, ld.client.AppsV1().StatefulSets(a.namespace).Create, a.statefulSet()); err != nil {
			return err
		}
	}
	for _, a := range ld.plan.running {
		if err := create(ctx, ld.client.BatchV1().Jobs(a.namespace).Create, a.job("720h")); err != nil {
			return err
		}
	}
	for _, a := range ld.plan.completed {
		if err := create(ctx, ld.client.BatchV1().Jobs(a.namespace).Create, a.job("2s")); err != nil {
			return err
		}
		nightly := app{a.namespace, "leap-day", 1}
		if err := create(ctx, ld.client.BatchV1().CronJobs(a.namespace).Create, nightly.cronJob()); err != nil {
			return err
		}
	}
	if a := ld.plan.daemonSet; a != nil {
		return create(ctx, ld.client.AppsV1().DaemonSets(a.namespace).Create, a.daemonSet())
	}
	return nil
}

// awaitRunning waits as long as there is progress: three minutes without is an error.
func (ld *loader) awaitRunning(ctx context.Context) error {
	want := ld.plan.otherPods()
	for _, a := range ld.plan.deployments {
		want += int(a.replicas)
	}
	best, since := -1, time.Now()
	for {
		have, err := ld.running(ctx)
		if err != nil {
			return err
		}
		if have >= want {
			return nil
		}
		if have > best {
			best, since = have, time.Now()
			progress("%d of %d pods run", have, want)
		}
		if time.Since(since) > 3*time.Minute {
			return fmt.Errorf("%d of %d pods run, and no more do for three minutes", have, want)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Second):
		}
	}
}

// running adds up what the plan's workloads say: far cheaper than listing the pods.
func (ld *loader) running(ctx context.Context) (int, error) {
	sum := 0
	all := metav1.ListOptions{LabelSelector: "team"}
	deployments, err := ld.client.AppsV1().Deployments("").List(ctx, all)
	if err != nil {
		return 0, err
	}
	for _, d := range deployments.Items {
		sum += int(d.Status.AvailableReplicas)
	}
	statefulSets, err := ld.client.AppsV1().StatefulSets("").List(ctx, all)
	if err != nil {
		return 0, err
	}
	for _, s := range statefulSets.Items {
		sum += int(s.Status.ReadyReplicas)
	}
	daemonSets, err := ld.client.AppsV1().DaemonSets("").List(ctx, all)
	if err != nil {
		return 0, err
	}
	for _, d := range daemonSets.Items {
		sum += int(d.Status.NumberReady)
	}
	jobs, err := ld.client.BatchV1().Jobs("").List(ctx, all)
	if err != nil {
		return 0, err
	}
	for _, j := range jobs.Items {
		if j.Name == "migrate" {
			sum += int(j.Status.Succeeded)
		} else if j.Status.Ready != nil {
			sum += int(*j.Status.Ready)
		}
	}
	return sum, nil
}
