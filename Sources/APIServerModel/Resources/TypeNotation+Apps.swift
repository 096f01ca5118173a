extension TypeNotation {
    static let apps = """
        Deployment
         metadata ObjectMeta
         spec DeploymentSpec ! *
         status DeploymentStatus !
        DeploymentSpec
         replicas int32 ? =1
         selector LabelSelector ! *
         template PodTemplateSpec ! *
         strategy DeploymentStrategy ! =default
         minReadySeconds int32
         revisionHistoryLimit int32 ? =10
         paused bool
         progressDeadlineSeconds int32 ? =600
        DeploymentStrategy
         type string =RollingUpdate
         rollingUpdate RollingUpdateDeployment
        RollingUpdateDeployment
         maxUnavailable intOrString
         maxSurge intOrString
        DeploymentStatus
         observedGeneration int64
         replicas int32
         updatedReplicas int32
         readyReplicas int32
         availableReplicas int32
         unavailableReplicas int32
         terminatingReplicas int32 ?
         conditions [DeploymentCondition] @type
         collisionCount int32 ?
        DeploymentCondition
         type string ! *
         status string ! *
         lastUpdateTime time
         lastTransitionTime time
         reason string
         message string
        ReplicaSet
         metadata ObjectMeta
         spec ReplicaSetSpec !
         status ReplicaSetStatus !
        ReplicaSetSpec
         replicas int32 ? =1
         minReadySeconds int32
         selector LabelSelector ! *
         template PodTemplateSpec
        ReplicaSetStatus
         replicas int32 !
         fullyLabeledReplicas int32
         readyReplicas int32
         availableReplicas int32
         terminatingReplicas int32 ?
         observedGeneration int64
         conditions [DeploymentCondition] @type
        PodTemplateSpec
         metadata ObjectMeta
         spec PodSpec
        """
}
