namespace LocalPv.EndToEnd.Tests.Deploy;

/// <summary>The roles grant what LocalPv's parts really ask for, and nothing else; an agent is held to its own node.</summary>
public sealed class RbacTests
{
    private static readonly Lazy<RecordedLife> Life = new(RecordedLife.Live);

    public static TheoryData<string> Accounts => new() { "localpv-agent", "localpv-extender", "localpv-controller" };

    [Theory]
    [MemberData(nameof(Accounts))]
    public void Role_GrantsEveryRequestThatIsMade(string account)
    {
        var grants = Grant.Of(account, DeployFiles.Manifests);
        Assert.NotEmpty(grants);
        Assert.Empty(Life.Value.Requests[account].Where(request => !grants.Any(grant => grant.Allows(request))).Select(refused =>
            $"{account} asks: {refused}"));
    }

    [Theory]
    [MemberData(nameof(Accounts))]
    public void Role_GrantsNothingThatIsNeverAskedFor(string account) =>
        Assert.Empty(Grant.Of(account, DeployFiles.Manifests)
            .Where(grant => !Life.Value.Requests[account].Any(grant.Allows))
            .Select(unused => $"{account} never does: {unused}"));

    [Fact]
    public void Policy_LetsEveryWriteOfAnAgentForItsOwnNodePass()
    {
        var policy = AdmissionPolicy.Read(DeployFiles.Find("ValidatingAdmissionPolicy", "localpv-agent-own-node"));
        var writes = Life.Value.Writes.Where(write => write.Account == "localpv-agent").ToList();
        Assert.True(writes.Count > 50, $"Only {writes.Count} writes were seen.");
        Assert.Empty(writes.Select(write => (write, policy.Judge(write, write.Node))).Where(judged => judged.Item2.Length > 0)
            .Select(judged => $"{judged.write.Node}: {judged.write.Request}: {judged.Item2}"));
    }

    [Fact]
    public void Policy_RefusesEachOfTheseWritesToAnAgentOfAnotherNode()
    {
        var policy = AdmissionPolicy.Read(DeployFiles.Find("ValidatingAdmissionPolicy", "localpv-agent-own-node"));
        var writes = Life.Value.Writes.Where(write => write.Account == "localpv-agent" && policy.Matches(write)).ToList();
        var kinds = writes.Select(write => write.Operation + " " + write.Request.Resource).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "CREATE csistoragecapacities", "CREATE nodelocalstorages", "CREATE persistentvolumes", "DELETE csistoragecapacities",
                "DELETE persistentvolumes", "UPDATE csistoragecapacities", "UPDATE nodelocalstorages", "UPDATE nodelocalstorages/status",
                "UPDATE persistentvolumeclaims", "UPDATE persistentvolumeclaims/status", "UPDATE persistentvolumes",
            ],
            kinds);
        Assert.Empty(writes.Where(write => policy.Judge(write, "node-9").Length == 0).Select(passed => passed.Request.ToString()));
        Assert.Empty(writes.Where(write => policy.Judge(write, null).Length == 0).Select(passed => passed.Request.ToString()));
    }

    [Fact]
    public void Policy_IsBoundToDeny()
    {
        var binding = DeployFiles.Find("ValidatingAdmissionPolicyBinding", "localpv-agent-own-node");
        Assert.Equal("localpv-agent-own-node", binding.Map("spec")!.Text("policyName"));
        Assert.Equal(["Deny"], binding.Map("spec")!.List("validationActions")!.Texts());
    }
}
