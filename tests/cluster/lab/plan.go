package main

import "fmt"

// plan is what a load consists of: so many pods in all, most of them of
// Deployments, and some of every other kind of workload.
type plan struct {
	namespaces   []string
	deployments  []app
	statefulSets []app
	running      []app // Jobs that go on for a long time
	completed    []app // Jobs whose pods have ended
	daemonSet    *app  // one pod on each node
}

// names of apps; the second round of them gets a number.
var names = []string{
	"api", "cart", "checkout", "search", "catalog", "payment", "inventory", "shipping", "accounts", "sessions",
	"recommend", "pricing", "mailer", "invoices", "reviews", "gateway", "images", "exports", "webhooks", "audit",
}

// fewPods is the number below which a load is of Deployments only.
const fewPods = 100

// newPlan spreads pods over namespaces, in Deployments of so many replicas; the
// last one is smaller where that does not come out even.
func newPlan(pods, namespaces, replicas, nodes int) plan {
	var p plan
	for i := range namespaces {
		p.namespaces = append(p.namespaces, fmt.Sprintf("team-%d", i+1))
	}
	if pods >= fewPods {
		for _, namespace := range p.namespaces[:min(3, namespaces)] {
			p.statefulSets = append(p.statefulSets, app{namespace, "db", 3})
			p.running = append(p.running, app{namespace, "report", 2})
			p.completed = append(p.completed, app{namespace, "migrate", 1})
		}
		if nodes <= pods/10 {
			p.daemonSet = &app{p.namespaces[0], "node-agent", int32(nodes)}
		}
	}
	left := pods - p.otherPods()
	for i := 0; left > 0; i++ {
		n := i / namespaces // how many this namespace has already
		name := names[n%len(names)]
		if round := n / len(names); round > 0 {
			name = fmt.Sprintf("%s-%d", name, round+1)
		}
		p.deployments = append(p.deployments, app{p.namespaces[i%namespaces], name, int32(min(left, replicas))})
		left -= replicas
	}
	return p
}

// otherPods is how many pods are not of Deployments.
func (p *plan) otherPods() int {
	n := 0
	for _, apps := range [][]app{p.statefulSets, p.running, p.completed} {
		for _, a := range apps {
			n += int(a.replicas)
		}
	}
	if p.daemonSet != nil {
		n += int(p.daemonSet.replicas)
	}
	return n
}
