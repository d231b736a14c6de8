/// Explains one photo after another. One that fails is named with its reason, and the rest goes on.
struct Batch {
    let photos: [Photo]
    let failures: [PhotoList.Failure]
    let console: Console
    let json: Bool
    let quiet: Bool

    /// - Parameter workers: what explains a photo, one a thread; photos go to whichever is free, and results come in
    ///   the photos' order.
    func run(_ workers: [(Photo) throws -> Report]) -> ExitCode {
        var failed = 0
        func fail(_ path: String, _ reason: String) throws(SystemError) {
            failed += 1
            console.error("\(path): \(reason)")
            if json { try console.result(Report.json(failed: path, reason).text) }
        }
        do throws(SystemError) {
            for failure in failures { try fail(failure.path, Messages.text(failure.fault)) }
            let start = ContinuousClock.now
            func progress(_ done: Int) {
                if photos.count > 1 { console.progress(done: done, of: photos.count, since: start) }
            }
            progress(0)
            try InOrder.run(photos.count, workers: workers.count) { worker, index in
                Result(catching: { try workers[worker](photos[index]) })
            } deliver: { index, result throws(SystemError) in
                switch result {
                case .success(let report): try tell(report)
                case .failure(let error): try fail(photos[index].path, Messages.text(of: error))
                }
                progress(index + 1)
            }
            console.endProgress()
        } catch {
            console.endProgress()
            console.error(Messages.cannotPrint(error.code))
            return .photoFailed
        }
        if photos.count + failures.count > 1 {
            console.information(Messages.summary(done: photos.count + failures.count - failed, failed: failed))
        }
        return failed == 0 ? .done : .photoFailed
    }

    private func tell(_ report: Report) throws(SystemError) {
        for remark in report.diagnosis { console.warning("\(report.input): \(remark)") }
        if json {
            try console.result(report.json.text)
        } else if !quiet {
            try console.result(report.text)
        }
    }
}
