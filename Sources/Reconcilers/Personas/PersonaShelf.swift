import KubernetesCore
import SwiftletAPI

/// The files of a pool's ConfigMap, put together: BMAD 6.11 keeps an agent in several, of which
/// only its `SKILL.md` is a persona.
struct PersonaShelf {
    /// The persona files, and the files that fit nowhere, in the order of their keys, at most
    /// `Bounds.listedPersonas`.
    private(set) var files: [PersonaFile] = []
    /// How many files are not among them.
    private(set) var omitted = 0

    private let map: PersonaConfigMap
    private let reader: PersonaReader

    /// The files of `map`; where `only` is given, that key, and what customises it.
    init(_ map: PersonaConfigMap, only: String?, reading reader: PersonaReader) {
        self.map = map
        self.reader = reader
        let keys = Set(map.files.keys).union(map.refusals.keys).sorted()
        let layers = keys.filter { $0 != only }.compactMap(PersonaLayer.init)
        let mains = keys.filter {
            only == nil ? PersonaLayer($0) == nil : $0 == only
        }
        let personas = mains.prefix(Bounds.listedPersonas).map(read)
        var owned: [String: [PersonaLayer]] = [:]
        var stray: [PersonaFile] = []
        for layer in layers {
            switch owner(of: layer, among: personas) {
            case .success(let key): owned[key, default: []].append(layer)
            case .failure(let fault):
                // Beside the one key that counts the others say nothing.
                if only == nil {
                    stray.append(PersonaFile(layer.key, refusedBecause: fault.reason))
                }
            }
        }
        let known = personas.map { customised($0, by: owned[$0.persona.file] ?? []) } + stray
        let count = mains.count + stray.count
        files = Array(
            known.sorted { $0.persona.file < $1.persona.file }.prefix(Bounds.listedPersonas))
        omitted = max(0, count - Bounds.listedPersonas)
    }

    private func read(_ key: String) -> PersonaFile {
        if let reason = map.refusals[key] { return PersonaFile(key, refusedBecause: reason) }
        return reader.read(key, map.files[key] ?? "")
    }

    // MARK: - What belongs together

    /// The key of the persona that `layer` customises: the one of its name, or else the one whose
    /// skill has its name.
    private func owner(
        of layer: PersonaLayer, among personas: [PersonaFile]
    ) -> Result<String, PersonaCustomization.Fault> {
        func refusal(_ reason: String) -> Result<String, PersonaCustomization.Fault> {
            .failure(.init(reason: reason))
        }
        guard let agent = layer.agent else {
            guard personas.contains(where: { $0.persona.file == "SKILL.md" }) else {
                return refusal("it belongs to SKILL.md, which is not there")
            }
            return .success("SKILL.md")
        }
        let byKey = personas.filter { PersonaLayer.agent(ofFile: $0.persona.file) == agent }
        let owners =
            byKey.isEmpty
            ? personas.filter { $0.persona.format == .skill && $0.persona.id == agent } : byKey
        guard let owner = owners.first?.persona else {
            return refusal(
                "it customises \(agent), which is not there: neither \(agent).SKILL.md nor "
                    + "\(agent).md, nor a SKILL.md with that name")
        }
        guard owners.count == 1 else {
            let keys = owners.map(\.persona.file).joined(separator: " and ")
            return refusal("it could belong to \(keys)")
        }
        guard owner.refusal != nil || owner.format == .skill else {
            return refusal("it customises \(owner.file), which is no SKILL.md of BMAD 6")
        }
        return .success(owner.file)
    }

    // MARK: - What is made of it

    /// The persona as its customisation makes it. A file of it that cannot be used is a reason not
    /// to use the persona either: without it, it would be another one than somebody has written.
    private func customised(_ file: PersonaFile, by layers: [PersonaLayer]) -> PersonaFile {
        guard let skill = file.text, !layers.isEmpty else { return file }
        let layers = layers.sorted()
        do throws(PersonaCustomization.Fault) {
            let customization = try merged(layers)
            guard let agent = customization.agent, agent.object != nil else {
                throw .init(reason: "its customisation has no table agent: it is no agent's")
            }
            let text = customization.text(behind: skill, from: layers)
            guard text.utf8.count <= PersonaReader.bytesMax else {
                throw .init(
                    reason: "with its customisation it has \(text.utf8.count) bytes; "
                        + "\(PersonaReader.bytesMax) are allowed")
            }
            var persona = reader.describe(file.persona, agent: agent)
            persona.customizations = layers.map(\.key)
            return PersonaFile(persona, text: text)
        } catch {
            return PersonaFile(file.persona.file, refusedBecause: error.reason)
        }
    }

    private func merged(
        _ layers: [PersonaLayer]
    ) throws(PersonaCustomization.Fault) -> PersonaCustomization {
        var result = PersonaCustomization()
        for (index, layer) in layers.enumerated() {
            if index > 0, layers[index - 1].rank == layer.rank {
                throw .init(
                    reason: "both \(layers[index - 1].key) and \(layer.key) say the same of it")
            }
            if let reason = map.refusals[layer.key] {
                throw .init(reason: "\(layer.key) is not used: \(reason)")
            }
            let table = try reader.table(layer.key, map.files[layer.key] ?? "")
            do throws(PersonaCustomization.Fault) {
                try result.merge(table)
            } catch {
                throw .init(reason: "\(layer.key) cannot be merged: \(error.reason)")
            }
        }
        return result
    }
}
