package main

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
	"k8s.io/utils/ptr"
)

// services makes one of each type. Addresses are of the ranges kept for documentation.
func (g *gallery) services(ctx context.Context) error {
	port := []corev1.ServicePort{{Name: "http", Port: 80}, {Name: "dns", Port: 53, Protocol: corev1.ProtocolUDP}}
	selector := map[string]string{"app": "gallery"}
	for _, s := range []struct {
		name    string
		spec    corev1.ServiceSpec
		ingress []corev1.LoadBalancerIngress
	}{
		{name: "cluster-ip", spec: corev1.ServiceSpec{Selector: selector, Ports: port}},
		{name: "headless", spec: corev1.ServiceSpec{Selector: selector, Ports: port, ClusterIP: corev1.ClusterIPNone}},
		{name: "no-ports", spec: corev1.ServiceSpec{Selector: selector, ClusterIP: corev1.ClusterIPNone}},
		{name: "node-port", spec: corev1.ServiceSpec{Selector: selector, Ports: port, Type: corev1.ServiceTypeNodePort}},
		{name: "balancer-ip", spec: corev1.ServiceSpec{Selector: selector, Ports: port, Type: corev1.ServiceTypeLoadBalancer},
			ingress: []corev1.LoadBalancerIngress{{IP: "203.0.113.10"}, {IP: "203.0.113.11"}}},
		{name: "balancer-hostname", spec: corev1.ServiceSpec{Selector: selector, Ports: port, Type: corev1.ServiceTypeLoadBalancer},
			ingress: []corev1.LoadBalancerIngress{{Hostname: "lb-7f3a.eu-1.example.com"}}},
		{name: "balancer-pending", spec: corev1.ServiceSpec{Selector: selector, Ports: port, Type: corev1.ServiceTypeLoadBalancer}},
		{name: "external-name", spec: corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "db.example.com"}},
		{name: "external-ips", spec: corev1.ServiceSpec{Selector: selector, Ports: port, ExternalIPs: []string{"198.51.100.4", "198.51.100.5"}}},
		{name: "no-selector", spec: corev1.ServiceSpec{Ports: port}},
	} {
		services := g.client.CoreV1().Services(galleryNamespace)
		if err := create(ctx, services.Create, &corev1.Service{ObjectMeta: g.meta(s.name), Spec: s.spec}); err != nil {
			return err
		}
		if s.ingress == nil {
			continue
		}
		err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
			service, err := services.Get(ctx, s.name, metav1.GetOptions{})
			if err != nil {
				return err
			}
			service.Status.LoadBalancer.Ingress = s.ingress
			_, err = services.UpdateStatus(ctx, service, metav1.UpdateOptions{})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// template of the gallery's workloads: kwok runs them, by the tag of the image.
func (g *gallery) template(name, tag string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": name}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "registry.example.com/gallery/app:" + tag}}},
	}
}

func (g *gallery) deployment(namespace, name string, replicas int32, tag string) *appsv1.Deployment {
	d := &appsv1.Deployment{ObjectMeta: g.meta(name), Spec: appsv1.DeploymentSpec{
		Replicas: &replicas,
		Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}},
		Template: g.template(name, tag),
	}}
	d.Namespace = namespace
	return d
}

// workloads makes Deployments and Jobs that do not do well.
func (g *gallery) workloads(ctx context.Context) error {
	quota := &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "one-pod"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("1")}},
	}
	if err := create(ctx, g.client.CoreV1().ResourceQuotas(quotaNamespace).Create, quota); err != nil {
		return err
	}
	paused := g.deployment(galleryNamespace, "paused", 2, "1.0")
	paused.Spec.Paused = true
	late := g.deployment(galleryNamespace, "deadline-exceeded", 2, "missing")
	late.Spec.ProgressDeadlineSeconds = ptr.To[int32](10)
	for _, d := range []*appsv1.Deployment{
		paused, late,
		g.deployment(galleryNamespace, "zero", 0, "1.0"),
		g.deployment(galleryNamespace, "unavailable", 3, "missing"),
		g.deployment(galleryNamespace, "crashing", 2, "crash"),
		g.deployment(galleryNamespace, "rollout-stuck", 4, "1.0"),
		g.deployment(quotaNamespace, "over-quota", 3, "1.0"),
	} {
		if err := create(ctx, g.client.AppsV1().Deployments(d.Namespace).Create, d); err != nil {
			return err
		}
	}
	job := func(name string, change func(*batchv1.JobSpec)) *batchv1.Job {
		j := &batchv1.Job{ObjectMeta: g.meta(name), Spec: batchv1.JobSpec{Template: g.template(name, "1.0")}}
		j.Spec.Template.Spec.RestartPolicy = corev1.RestartPolicyNever
		change(&j.Spec)
		return j
	}
	for _, j := range []*batchv1.Job{
		job("complete", func(*batchv1.JobSpec) {}),
		job("suspended", func(s *batchv1.JobSpec) { s.Suspend = ptr.To(true) }),
		job("failed", func(s *batchv1.JobSpec) {
			s.BackoffLimit = ptr.To[int32](0)
			s.Template.Annotations = map[string]string{exitCodeAnnotation: "3"}
		}),
	} {
		if err := create(ctx, g.client.BatchV1().Jobs(galleryNamespace).Create, j); err != nil {
			return err
		}
	}
	cron := &batchv1.CronJob{ObjectMeta: g.meta("suspended"), Spec: batchv1.CronJobSpec{
		Schedule: "*/5 * * * *", Suspend: ptr.To(true),
		JobTemplate: batchv1.JobTemplateSpec{Spec: job("cron", func(*batchv1.JobSpec) {}).Spec},
	}}
	if err := create(ctx, g.client.BatchV1().CronJobs(galleryNamespace).Create, cron); err != nil {
		return err
	}
	return g.getStuck(ctx, "rollout-stuck")
}

// getStuck changes a Deployment that runs to an image that cannot be pulled: the
// old pods stay beside the new ones that do not come.
func (g *gallery) getStuck(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	deployments := g.client.AppsV1().Deployments(galleryNamespace)
	return poll(ctx, 200*time.Millisecond, func() (bool, error) {
		d, err := deployments.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		image := &d.Spec.Template.Spec.Containers[0].Image
		if stuck := "registry.example.com/gallery/app:missing"; *image == stuck {
			return true, nil
		} else if d.Status.AvailableReplicas == *d.Spec.Replicas {
			*image = stuck
			_, err = deployments.Update(ctx, d, metav1.UpdateOptions{})
		}
		return false, ignoreConflict(err)
	}, func() error { return fmt.Errorf("Deployment %s does not get available", name) })
}

// configuration makes the kinds that only hold something.
func (g *gallery) configuration(ctx context.Context) error {
	core := g.client.CoreV1()
	binary := &corev1.ConfigMap{ObjectMeta: g.meta("binary"), Data: map[string]string{"text": "line 1\nline 2\n"}, BinaryData: map[string][]byte{"raw": {0, 1, 254, 255}}}
	if err := create(ctx, core.ConfigMaps(galleryNamespace).Create, binary); err != nil {
		return err
	}
	for _, s := range []*corev1.Secret{
		{ObjectMeta: g.meta("opaque"), StringData: map[string]string{"password": "not-a-real-one", "greeting": "naïve ☃"}},
		{ObjectMeta: g.meta("basic"), Type: corev1.SecretTypeBasicAuth, StringData: map[string]string{"username": "u", "password": "p"}},
		{ObjectMeta: g.meta("pull"), Type: corev1.SecretTypeDockerConfigJson, StringData: map[string]string{corev1.DockerConfigJsonKey: `{"auths":{}}`}},
	} {
		if err := create(ctx, core.Secrets(galleryNamespace).Create, s); err != nil {
			return err
		}
	}
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: g.meta("unbound"), Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("10Gi")}},
	}}
	if err := create(ctx, core.PersistentVolumeClaims(galleryNamespace).Create, claim); err != nil {
		return err
	}
	ingress := &networkingv1.Ingress{ObjectMeta: g.meta("shop"), Spec: networkingv1.IngressSpec{
		IngressClassName: ptr.To("lab"),
		TLS:              []networkingv1.IngressTLS{{Hosts: []string{"shop.example.com"}, SecretName: "shop-tls"}},
		Rules: []networkingv1.IngressRule{{Host: "shop.example.com", IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{
			Paths: []networkingv1.HTTPIngressPath{{Path: "/", PathType: ptr.To(networkingv1.PathTypePrefix), Backend: networkingv1.IngressBackend{
				Service: &networkingv1.IngressServiceBackend{Name: "cluster-ip", Port: networkingv1.ServiceBackendPort{Name: "http"}}}}},
		}}}},
	}}
	return create(ctx, g.client.NetworkingV1().Ingresses(galleryNamespace).Create, ingress)
}
