import KubernetesCore

/// The rules of a policy, those that are made for pod controllers included.
struct RuleLists {
    private static let rulesMax = 500

    private(set) var plain: [KyvernoRule] = []
    private(set) var controller: [KyvernoRule] = []
    private(set) var cronJob: [KyvernoRule] = []
    /// Kinds that have rules made for them.
    private(set) var controllers: [String] = []

    /// Reads `rules` of a policy's spec. What is refused of them is put behind `problems`.
    init(
        _ spec: Fields, annotations: JSONValue?, isOffline: Bool,
        _ problems: inout [PolicyProblem]
    ) throws(PolicyProblem) {
        let documents = try spec.list("rules")
        guard !documents.isEmpty, documents.count <= RuleLists.rulesMax else {
            throw spec.problem("rules", "must have 1 to \(RuleLists.rulesMax) rules")
        }
        let autogen = Autogen(
            rules: documents, annotation: annotations?[Autogen.annotation]?.string)
        controllers = autogen.controllers
        var names: Set<String> = []
        var madeController: [KyvernoRule] = []
        var madeCronJob: [KyvernoRule] = []
        for (index, document) in documents.enumerated() {
            let path = "\(spec.child("rules"))[\(index)]"
            let name = document["name"]?.string ?? ""
            let place = spec.place.inRule(name)
            if let refusal = KyvernoRule.refusal(document, at: path, in: place) {
                problems.append(refusal)
                continue
            }
            do throws(PolicyProblem) {
                guard names.insert(name).inserted else {
                    throw place.problem(path + ".name", "\"\(name)\" is used twice")
                }
                plain.append(
                    try KyvernoRule(document, at: path, in: place, isOffline: isOffline))
                if let made = autogen.controllerRule(document) {
                    madeController.append(
                        try KyvernoRule(made, at: path, in: place, isOffline: isOffline))
                }
                if let made = autogen.cronJobRule(document) {
                    madeCronJob.append(
                        try KyvernoRule(made, at: path, in: place, isOffline: isOffline))
                }
            } catch {
                problems.append(error)
            }
        }
        controller = RuleLists.joined(plain, madeController)
        cronJob = RuleLists.joined(plain, madeCronJob)
    }

    /// The rules of the document, and behind them those that were made; in whose place rules that
    /// only look as if they had been made give way.
    private static func joined(_ plain: [KyvernoRule], _ made: [KyvernoRule]) -> [KyvernoRule] {
        made.isEmpty ? plain : plain.filter { !Autogen.isMade($0.name) } + made
    }
}
