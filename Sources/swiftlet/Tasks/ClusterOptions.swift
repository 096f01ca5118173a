import ArgumentParser
import KubernetesClient
import KubernetesCore

/// Which cluster a command speaks to: the options that kubectl has, too.
struct ClusterOptions: ParsableArguments {
    @Option(help: "The kubeconfig; without it, KUBECONFIG, then ~/.kube/config.")
    var kubeconfig: String?
    @Option(help: "The context of the kubeconfig.") var context: String?
    @Option(name: [.short, .long], help: "The namespace; without it, the context's.")
    var namespace: String?

    /// A client of that cluster, in that namespace.
    func client() throws -> KubernetesClient {
        var configuration = try ClientConfiguration.load(kubeconfig: kubeconfig, context: context)
        if let namespace { configuration.namespace = namespace }
        return try KubernetesClient(configuration: configuration)
    }
}
