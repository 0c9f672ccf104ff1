package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// component is one of the programs that a lab consists of.
type component struct {
	name string
	// command is the whole command line. It depends on the lab alone, so that a
	// restart gives the same.
	command func(l *Lab) ([]string, error)
	// ready asks once whether it does its work; nil if running is all that can be seen.
	ready func(ctx context.Context, l *Lab) error
}

// nodeLease is in seconds. It is five times the usual: with hundreds of nodes
// renewals are most of what an idle lab does, and on a machine that is busy for
// a minute with other things the nodes must not be given up.
const nodeLease = 200

// memoryFrugal makes Go's runtime collect garbage at half as much of it as usual,
// which is a third less memory in all: a lab shares its machine with builds.
var memoryFrugal = []string{"GOGC=50"}

// components are all of a lab's, in the order in which they are started; they
// are stopped in the opposite order. kwok comes before the controller-manager,
// which must not find all nodes dead.
var components = []component{
	{"etcd", etcdCommand, etcdReady},
	{"kube-apiserver", apiServerCommand, apiServerReady},
	{"web", webCommand, nil},
	{"kwok", kwokCommand, kwokReady},
	{"kube-scheduler", schedulerCommand, nil},
	{"kube-controller-manager", controllerManagerCommand, controllerManagerReady},
	{"metrics-server", metricsServerCommand, nil},
}

// wanted says whether this lab has it: metrics-server is only there if asked for.
func (c *component) wanted(l *Lab) bool { return c.name != "metrics-server" || l.Metrics }

func componentNamed(name string) (*component, error) {
	var names []string
	for i := range components {
		if components[i].name == name {
			return &components[i], nil
		}
		names = append(names, components[i].name)
	}
	return nil, fmt.Errorf("no component %q; there are %s", name, strings.Join(names, ", "))
}

func etcdCommand(l *Lab) ([]string, error) {
	program, err := tool("controlplane")
	peer := fmt.Sprintf("http://127.0.0.1:%d", l.Ports.EtcdPeer)
	return []string{program, "etcd",
		"--data-dir", l.path("etcd"),
		"--listen-client-urls", l.etcdURL(), "--advertise-client-urls", l.etcdURL(),
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer,
		"--unsafe-no-fsync", // a lab's data need not survive the machine's crash
		"--quota-backend-bytes", "8589934592",
		"--log-level", "warn"}, err
}

func apiServerCommand(l *Lab) ([]string, error) {
	program, err := tool("controlplane")
	pki := func(name string) string { return l.path("pki", name) }
	return []string{program, "kube-apiserver",
		"--etcd-servers", l.etcdURL(),
		"--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1", "--secure-port", fmt.Sprint(l.Ports.API),
		"--endpoint-reconciler-type", "none", // it refuses a loopback address otherwise
		"--authorization-mode", "Node,RBAC",
		"--allow-privileged",
		"--tls-cert-file", pki("apiserver.crt"), "--tls-private-key-file", pki("apiserver.key"),
		"--client-ca-file", pki("ca.crt"),
		"--cert-dir", pki("generated"),
		"--service-account-issuer", "https://kubernetes.default.svc",
		"--service-account-key-file", pki("service-account.key"),
		"--service-account-signing-key-file", pki("service-account.key"),
		"--service-account-extend-token-expiration=false",
		"--service-cluster-ip-range", serviceCIDR,
		"--kubelet-preferred-address-types", "InternalIP", // the nodes' names are in no DNS
		"--max-requests-inflight", "800", "--max-mutating-requests-inflight", "400",
		"--shutdown-watch-termination-grace-period", "1s", // else a restart waits for clients to close theirs
		"--event-ttl", "24h", // an hour, the default, is shorter than a day's work with one lab
		// The aggregation layer, for metrics-server.
		"--requestheader-client-ca-file", pki("ca.crt"), "--requestheader-allowed-names", "front-proxy",
		"--requestheader-username-headers", "X-Remote-User", "--requestheader-group-headers", "X-Remote-Group",
		"--requestheader-extra-headers-prefix", "X-Remote-Extra-",
		"--proxy-client-cert-file", pki("front-proxy.crt"), "--proxy-client-key-file", pki("front-proxy.key")}, err
}

func controllerManagerCommand(l *Lab) ([]string, error) {
	program, err := tool("controlplane")
	return []string{program, "kube-controller-manager",
		"--kubeconfig", l.path(adminConf),
		"--service-account-private-key-file", l.path("pki", "service-account.key"), "--root-ca-file", l.path("pki", "ca.crt"),
		"--leader-elect=false", "--secure-port", "0",
		"--kube-api-qps", "500", "--kube-api-burst", "1000",
		"--node-monitor-grace-period", fmt.Sprintf("%ds", nodeLease+40)}, err
}

func schedulerCommand(l *Lab) ([]string, error) {
	program, err := tool("controlplane")
	return []string{program, "kube-scheduler",
		"--kubeconfig", l.path(adminConf),
		"--leader-elect=false", "--secure-port", "0",
		"--kube-api-qps", "1000", "--kube-api-burst", "2000"}, err
}

func kwokCommand(l *Lab) ([]string, error) {
	program, err := tool("kwok")
	return []string{program,
		"--kubeconfig", l.path(adminConf),
		"--config", l.path("kwok.yaml"),
		"--manage-nodes-with-label-selector", managedLabel + "=true",
		"--node-ip", "127.0.0.1", "--node-port", fmt.Sprint(l.Ports.Kubelet),
		"--server-address", fmt.Sprintf("127.0.0.1:%d", l.Ports.Kubelet),
		"--tls-cert-file", l.path("pki", "kubelet.crt"), "--tls-private-key-file", l.path("pki", "kubelet.key"),
		"--cidr", podCIDR,
		"--node-lease-duration-seconds", fmt.Sprint(nodeLease),
		"--v", "WARN"}, err // it has a line for each lease that it renews
}

func webCommand(l *Lab) ([]string, error) {
	self, err := os.Executable()
	return []string{self, "serve", "--address", fmt.Sprintf("127.0.0.1:%d", l.Ports.Web)}, err
}

func metricsServerCommand(l *Lab) ([]string, error) {
	program, err := tool("metrics-server")
	return []string{program,
		"--kubeconfig", l.path(adminConf),
		"--authentication-kubeconfig", l.path(adminConf), "--authorization-kubeconfig", l.path(adminConf),
		"--bind-address", "127.0.0.1", "--secure-port", fmt.Sprint(l.Ports.Metrics), "--cert-dir", l.path("pki", "generated"),
		"--kubelet-preferred-address-types", "InternalIP", "--kubelet-use-node-status-port", "--kubelet-insecure-tls",
		"--metric-resolution", "15s"}, err
}

func etcdReady(ctx context.Context, l *Lab) error {
	return get(ctx, http.DefaultClient, l.etcdURL()+"/health")
}

func apiServerReady(ctx context.Context, l *Lab) error {
	client, err := l.client()
	if err != nil {
		return err
	}
	_, err = client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
	return err
}

// kwokReady asks the kubelets' port; whether the nodes are Ready is for up to wait for.
func kwokReady(ctx context.Context, l *Lab) error {
	insecure := &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		DisableKeepAlives: true,
	}}
	return get(ctx, insecure, fmt.Sprintf("https://127.0.0.1:%d/healthz", l.Ports.Kubelet))
}

func get(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	return nil
}

// startComponent starts one component and waits until it is ready. An error says
// which component it was and how its log ends, and nothing of it is left running.
func (l *Lab) startComponent(ctx context.Context, c *component) error {
	if !c.wanted(l) {
		return nil
	}
	if old, err := l.recorded(c.name); err != nil {
		return err
	} else if old != nil && old.running() {
		return nil
	}
	command, err := c.command(l)
	if err != nil {
		return err
	}
	log := l.path("logs", c.name+".log")
	p, err := startProcess(command, memoryFrugal, l.Dir, log)
	if err != nil {
		return fmt.Errorf("starting %s: %w", c.name, err)
	}
	if err := l.record(c.name, p); err != nil {
		p.stop(time.Second)
		return err
	}
	if err := l.awaitReady(ctx, c, p); err != nil {
		p.stop(10 * time.Second)
		l.forget(c.name)
		return fmt.Errorf("%s: %w; the end of %s:\n%s", c.name, err, log, tail(log, 15))
	}
	return nil
}

// awaitReady waits up to two minutes: etcd and the API server read all data first.
func (l *Lab) awaitReady(ctx context.Context, c *component, p *process) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var last error
	return poll(ctx, 50*time.Millisecond, func() (bool, error) {
		if !p.running() {
			return false, fmt.Errorf("ended before it was ready (%v)", last)
		}
		if c.ready == nil {
			return true, nil
		}
		last = c.ready(ctx, l)
		return last == nil, nil
	}, func() error { return fmt.Errorf("not ready in time: %w", last) })
}

// stopComponent ends one component, if it runs.
func (l *Lab) stopComponent(c *component) error {
	p, err := l.recorded(c.name)
	if err != nil || p == nil {
		return err
	}
	if err := p.stop(20 * time.Second); err != nil {
		return fmt.Errorf("stopping %s: %w", c.name, err)
	}
	return l.forget(c.name)
}

// stopAll ends all components, the last started first.
func (l *Lab) stopAll() error {
	for _, c := range slices.Backward(components) {
		if err := l.stopComponent(&c); err != nil {
			return err
		}
	}
	return nil
}

// poll asks until it is told yes, an error ends it, or the context does: then
// the error is what late says.
func poll(ctx context.Context, every time.Duration, ask func() (bool, error), late func() error) error {
	for {
		if done, err := ask(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return late()
		case <-time.After(every):
		}
	}
}
