/// What the types and fields that people look up most mean, for `kubectl explain`.
enum FieldDescriptions {
    /// The description of a type, or of one of its fields as `Type.field`; nil where none is kept.
    static func text(_ name: String) -> String? { table[name] }

    private static let table: [String: String] = {
        var table: [String: String] = [:]
        for line in notation.split(separator: "\n") {
            guard let end = line.firstIndex(of: " ") else { continue }
            table[String(line[..<end])] = String(line[line.index(after: end)...])
        }
        return table
    }()

    private static let notation = """
        ObjectMeta What every object has: its name, its identity, and what the server keeps of it.
        ObjectMeta.name The name, unique among the objects of its kind in its namespace.
        ObjectMeta.generateName A prefix that the server makes a unique name of.
        ObjectMeta.namespace The namespace the object lives in; empty for kinds of cluster scope.
        ObjectMeta.uid The identity, which no other object ever has. Set by the server.
        ObjectMeta.resourceVersion The version, for watches and for updates that must not overwrite.
        ObjectMeta.generation How often what is wanted has changed. Set by the server.
        ObjectMeta.creationTimestamp When the object was made. Set by the server.
        ObjectMeta.deletionTimestamp When the object goes; set once its deletion has been asked for.
        ObjectMeta.labels Words by which selectors find the object.
        ObjectMeta.annotations Notes of any kind; nothing selects by them.
        ObjectMeta.ownerReferences What this belongs to; it goes when all of them have gone.
        ObjectMeta.finalizers Who must act before the object may go.
        ObjectMeta.managedFields Who set which fields.
        Pod One or more containers that run together on one node.
        Pod.metadata Name, labels and what the server keeps of the pod.
        Pod.spec How the pod is to be run.
        Pod.status What has become of the pod, as its node last said.
        PodSpec How a pod is to be run.
        PodSpec.volumes The volumes that its containers may mount.
        PodSpec.initContainers Containers that run one by one before the others start.
        PodSpec.containers The containers. At least one; they do not change while the pod lives.
        PodSpec.ephemeralContainers Containers added to a running pod to look into it.
        PodSpec.restartPolicy Whether containers start again: Always, OnFailure or Never.
        PodSpec.terminationGracePeriodSeconds How long the pod gets to end by itself. Default: 30.
        PodSpec.activeDeadlineSeconds How long the pod may run before it counts as failed.
        PodSpec.nodeSelector Labels that the pod's node must have.
        PodSpec.serviceAccountName The service account as which the pod's processes call the API.
        PodSpec.automountServiceAccountToken Whether a token of the service account is mounted.
        PodSpec.nodeName The node the pod is bound to; set by the scheduler.
        PodSpec.hostNetwork Whether the pod shares the network of its node.
        PodSpec.securityContext What holds for all containers: users, groups, profiles.
        PodSpec.imagePullSecrets Secrets with which images are pulled.
        PodSpec.affinity Where the pod wants to be, by labels of nodes and of other pods.
        PodSpec.tolerations Taints of nodes that the pod puts up with.
        PodSpec.schedulerName Who binds the pod to a node. Default: default-scheduler.
        PodSpec.priorityClassName The class that says how important the pod is.
        PodSpec.priority The importance as a number; filled in from the class.
        PodSpec.preemptionPolicy Whether the pod may displace others: PreemptLowerPriority or Never.
        PodSpec.runtimeClassName The class of the runtime that runs the pod.
        PodSpec.topologySpreadConstraints How pods of a kind are spread over zones and nodes.
        PodSpec.schedulingGates What must be taken away before the pod may be scheduled.
        PodSpec.dnsPolicy How names are resolved in the pod. Default: ClusterFirst.
        Container One process and what it runs in.
        Container.name The name, unique in the pod.
        Container.image The image the container is made of.
        Container.command What is run, in place of the image's entry point; no shell is involved.
        Container.args Arguments of the command.
        Container.workingDir The folder the command runs in.
        Container.ports Ports that the container listens on.
        Container.env Environment variables.
        Container.envFrom ConfigMaps and Secrets whose keys become environment variables.
        Container.resources What the container requests and may use.
        Container.volumeMounts Where volumes are mounted.
        Container.livenessProbe How it is found out that the container must be restarted.
        Container.readinessProbe How it is found out that the container can serve.
        Container.startupProbe How it is found out that the container has started.
        Container.lifecycle What is done after the start and before the end.
        Container.imagePullPolicy When the image is pulled: Always, IfNotPresent or Never.
        Container.securityContext Users, capabilities and profiles of the container.
        ResourceRequirements.requests What the scheduler sets aside for the container.
        ResourceRequirements.limits What the container may use at most.
        PodStatus.phase Pending, Running, Succeeded, Failed or Unknown.
        PodStatus.conditions What holds of the pod at the moment, as Ready.
        PodStatus.podIP The pod's address.
        PodStatus.qosClass Guaranteed, Burstable or BestEffort, by requests and limits.
        PodStatus.containerStatuses What has become of each container.
        ConfigMap Configuration as keys and values.
        ConfigMap.data Values that are text.
        ConfigMap.binaryData Values that are bytes, in Base64.
        ConfigMap.immutable Whether the values may never change again.
        Secret Values that not everyone is to see.
        Secret.data The values, in Base64.
        Secret.stringData Values as plain text; the server moves them to data.
        Secret.type What the secret is for; decides which keys it must have.
        Namespace A room of its own for names, rights and quotas.
        ServiceAccount An identity for processes.
        Event Something that happened to an object.
        Event.involvedObject What it happened to.
        Event.reason Why, in one word for programs.
        Event.message What happened, for people.
        ResourceQuota How much the objects of a namespace may take together.
        ResourceQuotaSpec.hard The most of each thing that is counted.
        LimitRange Bounds and defaults of what single containers and pods may ask for.
        Node A machine that runs pods.
        Service A name and an address in front of pods.
        Lease A claim with a time limit, as leaders hold it.
        LeaseSpec.holderIdentity Who holds it.
        LeaseSpec.leaseDurationSeconds How long it holds after it was last renewed.
        LeaseSpec.renewTime When it was last renewed.
        Role Rights in one namespace.
        ClusterRole Rights in all namespaces and on kinds of cluster scope.
        PolicyRule.verbs What may be done; * for everything.
        PolicyRule.apiGroups The groups of the resources; the empty text is the core group.
        PolicyRule.resources The resources; * for all.
        PolicyRule.resourceNames The only objects the rule is about.
        RoleBinding Gives a role's rights to users, groups and service accounts in one namespace.
        NetworkPolicy Who may talk to the pods it selects, and to whom they may talk.
        PodDisruptionBudget How many of a set of pods evictions must leave running.
        PriorityClass A name for how important pods are.
        CustomResourceDefinition A kind that the cluster does not have by itself.
        """
}
