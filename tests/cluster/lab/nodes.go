package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

const workerLabel = "node-role.kubernetes.io/worker"

// What one node offers. podsPerNode is somewhat above the usual 110, as on
// managed clusters with large nodes.
const (
	nodeCPU, nodeMemory = "64", "256Gi"
	podsPerNode         = 250
)

// node is number i of the nodes that kwok plays. All but what tells that it
// lives is written here; see kwok/nodes.yaml.
func (l *Lab) node(i int) *corev1.Node {
	name := fmt.Sprintf("node-%d", i)
	resources := corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse(nodeCPU),
		corev1.ResourceMemory:           resource.MustParse(nodeMemory),
		corev1.ResourceEphemeralStorage: resource.MustParse("500Gi"),
		corev1.ResourcePods:             *resource.NewQuantity(podsPerNode, resource.DecimalSI),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: name,
			Labels: map[string]string{
				managedLabel:                   "true",
				corev1.LabelHostname:           name,
				corev1.LabelOSStable:           "linux",
				corev1.LabelArchStable:         "amd64",
				corev1.LabelInstanceTypeStable: "lab.16xlarge",
				corev1.LabelTopologyRegion:     "lab-1",
				corev1.LabelTopologyZone:       "lab-1" + string(rune('a'+i%3)),
				workerLabel:                    "",
			},
			// Where metrics-server reads this node's usage: kwok has one port for all.
			Annotations: map[string]string{"metrics.k8s.io/resource-metrics-path": "/metrics/nodes/" + name + "/metrics/resource"},
		},
		Spec: corev1.NodeSpec{ProviderID: "lab://lab-1/" + name},
		Status: corev1.NodeStatus{
			Capacity:    resources,
			Allocatable: resources,
			// The API server reaches every kubelet here: kwok.
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: "127.0.0.1"},
				{Type: corev1.NodeHostName, Address: name},
			},
			DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: int32(l.Ports.Kubelet)}},
			NodeInfo: corev1.NodeSystemInfo{
				KubeletVersion: "v1.37.2", ContainerRuntimeVersion: "containerd://2.1.4",
				KernelVersion: "6.12.48", OSImage: "Debian GNU/Linux 13 (trixie)",
				OperatingSystem: "linux", Architecture: "amd64",
				MachineID: fmt.Sprintf("%032x", i), SystemUUID: fmt.Sprintf("00000000-0000-0000-0000-%012x", i),
				BootID: fmt.Sprintf("00000000-0000-0000-0001-%012x", i),
			},
		},
	}
}

// ensureNodes makes nodes 1 to n where they are not there yet.
func (l *Lab) ensureNodes(ctx context.Context, client kubernetes.Interface, n int) error {
	return inParallel(ctx, 8, n, func(ctx context.Context, i int) error {
		_, err := client.CoreV1().Nodes().Create(ctx, l.node(i+1), metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) {
			return nil
		}
		return err
	})
}

// managedNodes lists the names of the nodes that kwok plays and that are Ready.
func managedNodes(ctx context.Context, client kubernetes.Interface) ([]string, error) {
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{LabelSelector: managedLabel + "=true,!" + handsOffLabel})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, node := range nodes.Items {
		for _, condition := range node.Status.Conditions {
			if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue && len(node.Spec.Taints) == 0 {
				names = append(names, node.Name)
			}
		}
	}
	return names, nil
}

// awaitNodes waits until at least n nodes are Ready and take pods.
func awaitNodes(ctx context.Context, client kubernetes.Interface, n int) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var ready []string
	return poll(ctx, 200*time.Millisecond, func() (_ bool, err error) {
		ready, err = managedNodes(ctx, client)
		return len(ready) >= n, err
	}, func() error { return fmt.Errorf("%d of %d nodes are Ready", len(ready), n) })
}
