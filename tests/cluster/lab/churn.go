package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// churned is a pod that is changed again and again.
type churned struct {
	namespace, name string
	restarts        atomic.Int32 // of its first container
}

// runChurn changes pods at a steady rate, so that everyone who watches pods gets
// so many events a second.
func runChurn(ctx context.Context, args []string) error {
	set, dir := flags("churn")
	rate := set.Float64("rate", 100, "changes a second")
	seconds := set.Float64("seconds", 10, "how long")
	visible := set.Bool("visible", false, "count up restarts, which tables show; else status.message, which they do not")
	connections := set.Int("connections", 4, "how many connections")
	namespace := set.String("namespace", "", "only pods of this namespace")
	pods := set.Int("pods", 2000, "how many pods take part")
	if err := set.Parse(args); err != nil {
		return err
	}
	if *rate <= 0 || *connections < 1 || *pods < 1 {
		return errors.New("--rate, --connections and --pods must be above 0")
	}
	l, err := openLab(*dir)
	if err != nil {
		return err
	}
	client, err := l.client()
	if err != nil {
		return err
	}
	targets, err := churnTargets(ctx, client, *namespace, *pods)
	if err != nil {
		return err
	}
	c := &churn{server: l.server(), targets: targets, interval: time.Duration(float64(time.Second) / *rate), visible: *visible}
	c.start = time.Now()
	c.end = c.start.Add(time.Duration(*seconds * float64(time.Second)))
	err = inParallel(ctx, *connections, *connections, func(ctx context.Context, _ int) error { return c.work(ctx, l) })
	elapsed := time.Since(c.start)
	sent := c.next.Load()
	fmt.Printf("%d changes of %d pods in %.1f s: %.1f a second, at most %d ms late\n",
		sent, len(targets), elapsed.Seconds(), float64(sent)/elapsed.Seconds(), c.late.Load())
	if errors.Is(err, context.Canceled) {
		return nil // stopped by hand: not a failure
	}
	return err
}

// churn is one run: change number k is due k intervals after the start.
type churn struct {
	server   string
	targets  []*churned
	interval time.Duration
	visible  bool
	start    time.Time
	end      time.Time
	next     atomic.Int64
	late     atomic.Int64 // milliseconds
}

// work sends changes over one connection of its own, until the time is over.
func (c *churn) work(ctx context.Context, l *Lab) error {
	config, err := l.restConfig()
	if err != nil {
		return err
	}
	tls, err := rest.TLSConfigFor(config)
	if err != nil {
		return err
	}
	// A transport without HTTP/2 keeps one connection per worker.
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: tls}, Timeout: 30 * time.Second}
	for {
		k := c.next.Load()
		due := c.start.Add(time.Duration(k) * c.interval)
		// A server that cannot keep up makes fewer changes, not a longer run.
		if due.After(c.end) || time.Now().After(c.end) {
			return nil
		}
		if !c.next.CompareAndSwap(k, k+1) {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Until(due)):
		}
		if err := c.change(ctx, client, c.targets[k%int64(len(c.targets))], k); err != nil {
			return err
		}
		if late := time.Since(due).Milliseconds(); late > c.late.Load() {
			c.late.Store(late) // a race may lose one of two maxima: good enough to read
		}
	}
}

// change patches a pod's status. The answer, the whole pod, is not looked at.
func (c *churn) change(ctx context.Context, client *http.Client, pod *churned, k int64) error {
	kind, body := types.MergePatchType, fmt.Sprintf(`{"status":{"message":"change %d"}}`, k)
	if c.visible {
		now := time.Now().UTC().Format(time.RFC3339)
		kind = types.JSONPatchType
		body = fmt.Sprintf(`[{"op":"add","path":"/status/containerStatuses/0/restartCount","value":%d},`+
			`{"op":"add","path":"/status/containerStatuses/0/lastState","value":{"terminated":{"exitCode":1,"reason":"Error","startedAt":%q,"finishedAt":%q}}}]`,
			pod.restarts.Add(1), now, now)
	}
	url := fmt.Sprintf("%s/api/v1/namespaces/%s/pods/%s/status", c.server, pod.namespace, pod.name)
	request, err := http.NewRequestWithContext(ctx, http.MethodPatch, url, bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", string(kind))
	request.Header.Set("User-Agent", "kw-lab-churn")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotFound {
		_, err = io.Copy(io.Discard, response.Body)
		return err // deleted by somebody meanwhile
	}
	if response.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(response.Body)
		return fmt.Errorf("%s: %s: %s", url, response.Status, answer)
	}
	_, err = io.Copy(io.Discard, response.Body) // else the connection is not used again
	return err
}

// churnTargets picks Running pods, in an order that leaps about.
func churnTargets(ctx context.Context, client kubernetes.Interface, namespace string, n int) ([]*churned, error) {
	var all []*churned
	options := metav1.ListOptions{Limit: 500, FieldSelector: "status.phase=Running", LabelSelector: "!" + handsOffLabel}
	for {
		page, err := client.CoreV1().Pods(namespace).List(ctx, options)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if pod := &page.Items[i]; churnable(pod) && len(all) < n {
				target := &churned{namespace: pod.Namespace, name: pod.Name}
				target.restarts.Store(pod.Status.ContainerStatuses[0].RestartCount)
				all = append(all, target)
			}
		}
		options.Continue = page.Continue
		if options.Continue == "" || len(all) == n {
			break
		}
	}
	if len(all) == 0 {
		return nil, errors.New("no pods run")
	}
	random := rand.New(rand.NewPCG(1, 1))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all, nil
}

func churnable(pod *corev1.Pod) bool {
	return pod.DeletionTimestamp == nil && len(pod.Status.ContainerStatuses) > 0
}
