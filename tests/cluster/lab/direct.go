package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
)

// etcdWriters is how many writes to etcd are under way at once. Each object is
// written by itself: API server and clients rely on each having its own revision.
const etcdWriters = 64

// loadDirect makes the Deployments' pods as if they had been there for days: one
// real Deployment shows what the API server, the controllers, the scheduler and
// kwok make of our template, and copies of its objects are written into etcd,
// while those who would react to them are stopped. When they come back, all is
// as they would have it: nothing is made anew or deleted.
func (ld *loader) loadDirect(ctx context.Context) error {
	if err := ld.namespaces(ctx); err != nil {
		return err
	}
	if existing, err := ld.client.AppsV1().Deployments(ld.plan.namespaces[0]).List(ctx, metav1.ListOptions{Limit: 1}); err != nil {
		return err
	} else if len(existing.Items) > 0 {
		return errors.New("the lab is loaded already; --direct is for an empty one")
	}
	model, err := ld.makeModel(ctx)
	if err != nil {
		return err
	}
	progress("stopping those who would react")
	if err := ld.whileStopped(ctx, func() error { return ld.writeCopies(ctx, model) }); err != nil {
		return err
	}
	if err := ld.others(ctx); err != nil {
		return err
	}
	if ld.still {
		return nil
	}
	return ld.awaitRunning(ctx)
}

// reactors are those who would do something about pods that appear from nowhere.
var reactors = []string{"kube-controller-manager", "kube-scheduler", "kwok"}

// whileStopped stops the reactors, and starts them again whatever becomes of do,
// unless all is to be still.
func (ld *loader) whileStopped(ctx context.Context, do func() error) error {
	for _, name := range reactors {
		c, err := componentNamed(name)
		if err != nil {
			return err
		}
		if err := ld.lab.stopComponent(c); err != nil {
			return err
		}
	}
	if ld.still {
		return do()
	}
	return errors.Join(do(), ld.lab.startAll(context.WithoutCancel(ctx)))
}

// model is one real Deployment, and one of its pods.
type model struct {
	deployment *appsv1.Deployment
	replicaSet *appsv1.ReplicaSet
	pod        *corev1.Pod
}

// makeModel makes a Deployment of one pod, waits for it, and takes it away again.
func (ld *loader) makeModel(ctx context.Context) (*model, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	a := app{ld.plan.namespaces[0], "kw-model", 1}
	deployments := ld.client.AppsV1().Deployments(a.namespace)
	if err := create(ctx, deployments.Create, a.deployment()); err != nil {
		return nil, err
	}
	m := &model{}
	err := poll(ctx, 100*time.Millisecond, func() (done bool, err error) {
		m.deployment, err = deployments.Get(ctx, a.name, metav1.GetOptions{})
		return err == nil && m.deployment.Status.AvailableReplicas == 1 && len(m.deployment.Status.Conditions) == 2, err
	}, func() error { return errors.New("the model Deployment does not get available") })
	if err != nil {
		return nil, err
	}
	ours := metav1.ListOptions{LabelSelector: metav1.FormatLabelSelector(m.deployment.Spec.Selector)}
	replicaSets, err := ld.client.AppsV1().ReplicaSets(a.namespace).List(ctx, ours)
	if err != nil {
		return nil, err
	}
	pods, err := ld.client.CoreV1().Pods(a.namespace).List(ctx, ours)
	if err != nil {
		return nil, err
	}
	if len(replicaSets.Items) != 1 || len(pods.Items) != 1 {
		return nil, fmt.Errorf("the model has %d ReplicaSets and %d pods", len(replicaSets.Items), len(pods.Items))
	}
	m.replicaSet, m.pod = &replicaSets.Items[0], &pods.Items[0]
	background := metav1.DeletePropagationBackground
	if err := deployments.Delete(ctx, a.name, metav1.DeleteOptions{PropagationPolicy: &background}); err != nil {
		return nil, err
	}
	err = poll(ctx, 100*time.Millisecond, func() (bool, error) {
		left, err := ld.client.CoreV1().Pods(a.namespace).List(ctx, ours)
		return err == nil && len(left.Items) == 0, err
	}, func() error { return errors.New("the model's pod does not go away") })
	return m, err
}

// writeCopies writes each Deployment of the plan with its ReplicaSet and pods.
func (ld *loader) writeCopies(ctx context.Context, m *model) error {
	start := time.Now()
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{ld.lab.etcdURL()}, DialTimeout: 10 * time.Second})
	if err != nil {
		return err
	}
	defer client.Close()
	nodes, err := managedNodes(ctx, ld.client)
	if err != nil {
		return err
	}
	copies := newCopier(m, nodes, start)
	var objects []pending
	pods := 0
	for i, a := range ld.plan.deployments {
		// Seeded by the app: what it looks like does not depend on what else there is.
		random := rand.New(rand.NewPCG(uint64(i), 1))
		deployment, replicaSet := copies.owner(a, random)
		objects = append(objects,
			pending{"deployments", func() runtime.Object { return deployment }},
			pending{"replicasets", func() runtime.Object { return replicaSet }})
		for range a.replicas {
			seed := rand.New(rand.NewPCG(uint64(pods), 2))
			number := pods
			objects = append(objects, pending{"pods", func() runtime.Object { return copies.pod(a, replicaSet, number, seed) }})
			pods++
		}
	}
	err = inParallel(ctx, etcdWriters, len(objects), func(ctx context.Context, i int) error {
		if i > 0 && i%20000 == 0 {
			progress("%d of %d objects written", i, len(objects))
		}
		return objects[i].put(ctx, client)
	})
	if err != nil {
		return err
	}
	progress("%d pods written in %.1f s", pods, time.Since(start).Seconds())
	return ld.services(ctx)
}

// pending is an object that is made when its turn to be written comes.
type pending struct {
	resource string
	make     func() runtime.Object
}

// storage is how the API server keeps objects: as protobuf, by default.
var storage = scheme.Codecs.EncoderForVersion(
	protobuf.NewSerializer(scheme.Scheme, scheme.Scheme),
	schema.GroupVersions{corev1.SchemeGroupVersion, appsv1.SchemeGroupVersion})

// put writes the object under the key at which the API server looks for it.
func (p pending) put(ctx context.Context, client *clientv3.Client) error {
	object := p.make()
	meta := object.(metav1.Object)
	data, err := runtime.Encode(storage, object)
	if err != nil {
		return err
	}
	_, err = client.Put(ctx, fmt.Sprintf("/registry/%s/%s/%s", p.resource, meta.GetNamespace(), meta.GetName()), string(data))
	return err
}
