package main

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// nodes makes some that are not like the others. None of them takes pods.
//
// Those that kwok does not manage are dead: nobody renews their lease. What the
// controller-manager would say of them after some minutes is written at once.
func (g *gallery) nodes(ctx context.Context) error {
	notForPods := corev1.Taint{Key: "lab.kittiwake/gallery", Effect: corev1.TaintEffectNoSchedule}
	for i, n := range []struct {
		name  string
		adapt func(*corev1.Node)
	}{
		{"gallery-cordoned", func(n *corev1.Node) { n.Spec.Unschedulable = true }},
		{"gallery-control-plane", func(n *corev1.Node) {
			n.Labels["node-role.kubernetes.io/control-plane"] = ""
			n.Labels["node-role.kubernetes.io/etcd"] = ""
			n.Spec.Taints[0].Key = "node-role.kubernetes.io/control-plane"
		}},
		{"gallery-external-ip", func(n *corev1.Node) {
			n.Status.Addresses = append(n.Status.Addresses, corev1.NodeAddress{Type: corev1.NodeExternalIP, Address: "203.0.113.7"})
			n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: "dedicated", Value: "edge", Effect: corev1.TaintEffectNoExecute})
		}},
		// Alive, and says itself that it is not Ready.
		{"gallery-not-ready", func(n *corev1.Node) {
			n.Labels[handsOffLabel] = "true"
			n.Status.Conditions = g.nodeConditions(corev1.ConditionFalse, "KubeletNotReady", corev1.ConditionFalse)
		}},
		{"gallery-disk-pressure", func(n *corev1.Node) {
			n.Labels[handsOffLabel] = "true"
			n.Status.Conditions = g.nodeConditions(corev1.ConditionTrue, "KubeletReady", corev1.ConditionTrue)
		}},
		{"gallery-gone", func(n *corev1.Node) {
			delete(n.Labels, managedLabel)
			n.Status.Conditions = g.nodeConditions(corev1.ConditionUnknown, "NodeStatusUnknown", corev1.ConditionUnknown)
		}},
		{"gallery-gone-cordoned", func(n *corev1.Node) {
			delete(n.Labels, managedLabel)
			n.Status.Conditions = g.nodeConditions(corev1.ConditionUnknown, "NodeStatusUnknown", corev1.ConditionUnknown)
			n.Spec.Unschedulable = true
			n.Status.NodeInfo.KubeletVersion = "v1.36.4"
		}},
	} {
		node := g.lab.node(100000 + i)
		delete(node.Labels, workerLabel)
		node.Name, node.Labels[corev1.LabelHostname] = n.name, n.name
		node.Spec.ProviderID = "lab://lab-1/" + n.name
		node.Spec.Taints = []corev1.Taint{notForPods}
		n.adapt(node)
		if err := create(ctx, g.client.CoreV1().Nodes().Create, node); err != nil {
			return err
		}
	}
	return nil
}

func (g *gallery) nodeConditions(ready corev1.ConditionStatus, reason string, diskPressure corev1.ConditionStatus) []corev1.NodeCondition {
	since := metav1.NewTime(g.now.Add(-20 * time.Minute))
	condition := func(kind corev1.NodeConditionType, status corev1.ConditionStatus, reason string) corev1.NodeCondition {
		return corev1.NodeCondition{Type: kind, Status: status, Reason: reason, LastTransitionTime: since, LastHeartbeatTime: metav1.NewTime(g.now)}
	}
	return []corev1.NodeCondition{
		condition(corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory"),
		condition(corev1.NodeDiskPressure, diskPressure, "KubeletHasDiskPressure"),
		condition(corev1.NodePIDPressure, corev1.ConditionFalse, "KubeletHasSufficientPID"),
		condition(corev1.NodeReady, ready, reason),
	}
}
