package main

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	utilrand "k8s.io/apimachinery/pkg/util/rand"
)

// copier makes objects in the image of a model's: the same in all that does not
// tell one app, or one pod, from another, and thereby of the same size.
type copier struct {
	*model
	nodes []string
	now   time.Time
	first netip.Addr
}

func newCopier(m *model, nodes []string, now time.Time) *copier {
	// The first 64 k addresses are left to kwok, which counts upwards.
	base := netip.MustParsePrefix(podCIDR).Addr().As4()
	base[1]++
	return &copier{m, nodes, now.Truncate(time.Second), netip.AddrFrom4(base)}
}

// owner makes the app's Deployment and ReplicaSet, up to a month old, with all replicas available.
func (c *copier) owner(a app, random *rand.Rand) (*appsv1.Deployment, *appsv1.ReplicaSet) {
	created := c.now.Add(-time.Duration(1+random.IntN(30*24*3600)) * time.Second)
	d := c.deployment.DeepCopy()
	replicas := fmt.Sprint(a.replicas)
	c.identify(&d.ObjectMeta, a, a.name, created, random)
	d.Spec.Replicas = &a.replicas
	d.Spec.Selector.MatchLabels = a.labels()
	a.stamp(&d.Spec.Template.ObjectMeta, &d.Spec.Template.Spec)
	d.Generation, d.Status.ObservedGeneration = 1, 1
	d.Status.Replicas, d.Status.UpdatedReplicas = a.replicas, a.replicas
	d.Status.ReadyReplicas, d.Status.AvailableReplicas = a.replicas, a.replicas

	rs := c.replicaSet.DeepCopy()
	hash := templateHash(a)
	name := a.name + "-" + hash
	for i := range d.Status.Conditions {
		condition := &d.Status.Conditions[i]
		condition.LastTransitionTime, condition.LastUpdateTime = metav1.NewTime(created), metav1.NewTime(created.Add(3*time.Second))
		if condition.Type == appsv1.DeploymentProgressing {
			condition.Message = fmt.Sprintf("ReplicaSet %q has successfully progressed.", name)
		}
	}
	c.identify(&rs.ObjectMeta, a, name, created, random)
	rs.Labels[appsv1.DefaultDeploymentUniqueLabelKey] = hash
	rs.Annotations["deployment.kubernetes.io/desired-replicas"] = replicas
	rs.Annotations["deployment.kubernetes.io/max-replicas"] = fmt.Sprint(a.replicas + (a.replicas+3)/4) // maxSurge is 25 %, rounded up
	own(&rs.ObjectMeta, a.name, c.deployment.UID, d.UID)
	rs.Spec.Replicas = &a.replicas
	rs.Spec.Selector.MatchLabels = a.labels()
	rs.Spec.Selector.MatchLabels[appsv1.DefaultDeploymentUniqueLabelKey] = hash
	a.stamp(&rs.Spec.Template.ObjectMeta, &rs.Spec.Template.Spec)
	rs.Spec.Template.Labels[appsv1.DefaultDeploymentUniqueLabelKey] = hash
	rs.Generation = 1
	rs.Status = appsv1.ReplicaSetStatus{
		Replicas: a.replicas, FullyLabeledReplicas: a.replicas, ReadyReplicas: a.replicas, AvailableReplicas: a.replicas, ObservedGeneration: 1,
	}
	return d, rs
}

// pod makes one of the ReplicaSet's pods: number i of all, up to a week old but no
// older than its owner, Running, and with restarts in one of thirty.
func (c *copier) pod(a app, rs *appsv1.ReplicaSet, i int, random *rand.Rand) *corev1.Pod {
	p := c.model.pod.DeepCopy()
	oldest := min(c.now.Sub(rs.CreationTimestamp.Time), 7*24*time.Hour)
	created := c.now.Add(-time.Duration(random.Int64N(int64(oldest)))).Truncate(time.Second)
	started := metav1.NewTime(created.Add(2 * time.Second))
	ip := nth(c.first, i)

	c.identify(&p.ObjectMeta, a, fmt.Sprintf("%s-%s", rs.Name, suffix(random)), created, random)
	p.GenerateName = rs.Name + "-"
	p.Labels[appsv1.DefaultDeploymentUniqueLabelKey] = rs.Labels[appsv1.DefaultDeploymentUniqueLabelKey]
	own(&p.ObjectMeta, rs.Name, c.replicaSet.UID, rs.UID)
	replaceInFields(&p.ObjectMeta, c.model.pod.Status.PodIP, ip)
	a.stamp(&p.ObjectMeta, &p.Spec)
	p.Spec.NodeName = c.nodes[i%len(c.nodes)]

	p.Status.PodIP, p.Status.PodIPs = ip, []corev1.PodIP{{IP: ip}}
	p.Status.StartTime = &metav1.Time{Time: created}
	for j := range p.Status.Conditions {
		p.Status.Conditions[j].LastTransitionTime = started
	}
	for j := range p.Status.ContainerStatuses {
		status := &p.Status.ContainerStatuses[j]
		status.Image = p.Spec.Containers[j].Image
		status.ContainerID = "containerd://" + hex(random, 64)
		status.State.Running.StartedAt = started
	}
	if random.IntN(30) == 0 {
		c.restart(&p.Status.ContainerStatuses[0], started.Time, random)
	}
	return p
}

// restart makes a container look as if it had ended and been started again.
func (c *copier) restart(status *corev1.ContainerStatus, started time.Time, random *rand.Rand) {
	age := max(c.now.Sub(started), time.Second)
	ended := started.Add(time.Duration(random.Int64N(int64(age))))
	status.RestartCount = 1 + int32(random.IntN(6))
	status.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{
		ExitCode: 137, Reason: "OOMKilled", ContainerID: "containerd://" + hex(random, 64),
		StartedAt: metav1.NewTime(started), FinishedAt: metav1.NewTime(ended),
	}
	status.State.Running.StartedAt = metav1.NewTime(ended)
}

// identify gives an object its own identity, in place of the model's. What is
// stored has no resourceVersion: etcd's own revision is that.
func (c *copier) identify(meta *metav1.ObjectMeta, a app, name string, created time.Time, random *rand.Rand) {
	meta.Namespace, meta.Name, meta.ResourceVersion = a.namespace, name, ""
	meta.UID = types.UID(fmt.Sprintf("%s-%s-4%s-a%s-%s", hex(random, 8), hex(random, 4), hex(random, 3), hex(random, 3), hex(random, 12)))
	meta.CreationTimestamp = metav1.NewTime(created)
	for key, value := range a.labels() {
		meta.Labels[key] = value
	}
	for i := range meta.ManagedFields {
		meta.ManagedFields[i].Time = &metav1.Time{Time: created}
	}
}

// own changes the owner, also where the managed fields name it.
func own(meta *metav1.ObjectMeta, name string, old, uid types.UID) {
	meta.OwnerReferences[0].Name, meta.OwnerReferences[0].UID = name, uid
	replaceInFields(meta, string(old), string(uid))
}

func replaceInFields(meta *metav1.ObjectMeta, old, new string) {
	for i := range meta.ManagedFields {
		fields := meta.ManagedFields[i].FieldsV1
		fields.Raw = bytes.ReplaceAll(fields.Raw, []byte(old), []byte(new))
	}
}

// templateHash has the form of the hash that the controller gives a template. It
// need not be the same: ReplicaSets are found by what their template holds.
func templateHash(a app) string {
	h := fnv.New32a()
	fmt.Fprintf(h, "%s/%s", a.namespace, a.name)
	return utilrand.SafeEncodeString(fmt.Sprint(h.Sum32()))
}

// suffix is what the API server ends generated names with, from the same letters.
func suffix(random *rand.Rand) string {
	const letters = "bcdfghjklmnpqrstvwxz2456789"
	var s [5]byte
	for i := range s {
		s[i] = letters[random.IntN(len(letters))]
	}
	return string(s[:])
}

func hex(random *rand.Rand, digits int) string {
	s := make([]byte, digits)
	for i := range s {
		s[i] = "0123456789abcdef"[random.IntN(16)]
	}
	return string(s)
}

// nth address after the first.
func nth(first netip.Addr, n int) string {
	a := first.As4()
	sum := uint32(a[0])<<24 | uint32(a[1])<<16 | uint32(a[2])<<8 | uint32(a[3])
	sum += uint32(n)
	return netip.AddrFrom4([4]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}).String()
}
