using LocalPv.Core.Capacity;

namespace LocalPv.Core.Placement;

/// <summary>
/// The claims of one Pod by their class. A class has one volume group on a node, so all claims of a class go there together, and
/// whether everything fits is a sum for each group: exact, with nothing to try out.
/// </summary>
internal sealed class ClaimGroups
{
    public ClaimGroups(CapacityLedger ledger, LedgerClaim[] claims)
    {
        Claims = claims;
        var groups = new List<Group>();
        foreach (var claim in claims)
        {
            var group = groups.Find(group => group.ClassNumber == claim.ClassNumber);
            if (group is null)
            {
                group = new Group(claim.ClassNumber, Array.IndexOf(claims, claim), ledger.CostCount);
                groups.Add(group);
            }

            group.Claims.Add(claim);
            for (var cost = 0; cost < group.ExtentsByCost.Length; cost++)
            {
                group.ExtentsByCost[cost] = checked(group.ExtentsByCost[cost] + ledger.ExtentsAt(claim, cost));
            }
        }

        Groups = [.. groups];
    }

    public LedgerClaim[] Claims { get; }

    /// <summary>An array: it is gone through for every node.</summary>
    public Group[] Groups { get; }

    internal sealed class Group(int classNumber, int firstClaim, int costs)
    {
        public int ClassNumber { get; } = classNumber;

        /// <summary>The place of its first claim in the Pod's list.</summary>
        public int FirstClaim { get; } = firstClaim;

        public List<LedgerClaim> Claims { get; } = [];

        /// <summary>What all its claims take together, by the number of the cost.</summary>
        public long[] ExtentsByCost { get; } = new long[costs];
    }
}
