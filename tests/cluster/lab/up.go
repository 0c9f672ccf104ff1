package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/ptr"
)

// runUp starts a new lab, or one that is stopped, with all that it held.
func runUp(ctx context.Context, args []string) error {
	set, dir := flags("up")
	nodes := set.Int("nodes", 5, "how many nodes, at least")
	metrics := set.Bool("metrics", false, "run metrics-server too (build.sh --metrics); a new lab only")
	if err := set.Parse(args); err != nil {
		return err
	}
	start := time.Now()
	l, fresh, err := openOrCreate(*dir, *metrics)
	if err != nil {
		return err
	}
	if err := l.lock(); err != nil {
		return err
	}
	if *metrics && !l.Metrics {
		return fmt.Errorf("the lab in %s was made without --metrics", l.Dir)
	}
	if err := l.up(ctx, fresh, *nodes); err != nil {
		if stopErr := l.stopAll(); stopErr != nil {
			err = errors.Join(err, stopErr)
		}
		return err
	}
	progress("%s is up, in %.1f s", l.Dir, time.Since(start).Seconds())
	fmt.Println(l.path(adminConf))
	return nil
}

// openOrCreate also says whether the lab is new.
func openOrCreate(dir string, metrics bool) (*Lab, bool, error) {
	l, err := openLab(dir)
	if err == nil && l.abandoned() {
		// What an up that was killed has left goes, its processes first; one that
		// is under way holds the lock.
		if err := l.lock(); err != nil {
			return nil, false, err
		}
		if err := l.stopAll(); err != nil {
			return nil, false, err
		}
		if err := os.RemoveAll(l.Dir); err != nil {
			return nil, false, err
		}
		err = fs.ErrNotExist
	}
	if errors.Is(err, fs.ErrNotExist) {
		l, err := createLab(dir, metrics)
		return l, true, err
	}
	return l, false, err
}

func (l *Lab) up(ctx context.Context, fresh bool, nodes int) error {
	var made *credentials
	if fresh {
		var err error
		if made, err = l.writePKI(); err != nil {
			return err
		}
		if err := l.writeAdminKubeconfig(); err != nil {
			return err
		}
		if err := l.writePodLogs(); err != nil {
			return err
		}
	}
	if err := l.writeKwokConfig(); err != nil {
		return err
	}
	if err := l.startAll(ctx); err != nil {
		return err
	}
	client, err := l.client()
	if err != nil {
		return err
	}
	if fresh {
		if err := seed(ctx, client); err != nil {
			return err
		}
		token, err := issueToken(ctx, client)
		if err != nil {
			return err
		}
		if err := l.writeKubeconfigs(made, token); err != nil {
			return err
		}
		if l.Metrics {
			if err := l.announceMetrics(ctx); err != nil {
				return err
			}
		}
	}
	if err := l.ensureNodes(ctx, client, nodes); err != nil {
		return err
	}
	if err := awaitNodes(ctx, client, nodes); err != nil {
		return fmt.Errorf("kwok: %w; the end of its log:\n%s", err, tail(l.path("logs", "kwok.log"), 15))
	}
	return l.finished()
}

// manyPods is the number from which components are started one after the other.
// Each reads all pods first, and what it is sent is in memory twice for a while:
// with 100,000 pods, all at once need more than 24 GiB.
const manyPods = 20000

func (l *Lab) startAll(ctx context.Context) error {
	gently := false
	for i := range components {
		c := &components[i]
		if err := l.startComponent(ctx, c); err != nil {
			return err
		}
		if gently {
			if err := l.settle(ctx, quiet); err != nil {
				return err
			}
		}
		if c.name == "kube-apiserver" {
			pods, err := l.countPods(ctx)
			if err != nil {
				return err
			}
			gently = pods >= manyPods
		}
	}
	return nil
}

func (l *Lab) countPods(ctx context.Context) (int64, error) {
	client, err := l.client()
	if err != nil {
		return 0, err
	}
	first, err := client.CoreV1().Pods("").List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return 0, err
	}
	return int64(len(first.Items)) + ptr.Deref(first.RemainingItemCount, 0), nil
}

// controllerManagerReady: it has made the service account without which no pod can be made.
func controllerManagerReady(ctx context.Context, l *Lab) error {
	client, err := l.client()
	if err != nil {
		return err
	}
	_, err = client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
	return err
}

// runDown stops all that runs.
func runDown(_ context.Context, args []string) error {
	set, dir := flags("down")
	wipe := set.Bool("wipe", false, "remove the directory, too")
	if err := set.Parse(args); err != nil {
		return err
	}
	l, err := openLab(*dir)
	if err != nil {
		return err
	}
	if err := l.lock(); err != nil {
		return err
	}
	if err := l.stopAll(); err != nil {
		return err
	}
	if *wipe {
		return os.RemoveAll(l.Dir)
	}
	return nil
}

// create makes an object, and is content if it is there already.
func create[T any](ctx context.Context, make func(context.Context, T, metav1.CreateOptions) (T, error), object T) error {
	_, err := make(ctx, object, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// ignoreConflict is for changes that are tried again anyway.
func ignoreConflict(err error) error {
	if apierrors.IsConflict(err) {
		return nil
	}
	return err
}

// awaitServiceAccount waits for a new namespace's, which the controller-manager makes.
func awaitServiceAccount(ctx context.Context, client kubernetes.Interface, namespace string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return poll(ctx, 20*time.Millisecond, func() (bool, error) {
		_, err := client.CoreV1().ServiceAccounts(namespace).Get(ctx, "default", metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return false, nil
		}
		return err == nil, err
	}, func() error { return fmt.Errorf("namespace %s has got no service account", namespace) })
}
