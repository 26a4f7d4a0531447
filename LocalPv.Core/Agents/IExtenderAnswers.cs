using LocalPv.Core.Placement;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>Who answers the scheduler, for names of nodes as bytes. Any thread.</summary>
public interface IExtenderAnswers
{
    /// <summary>On which nodes the Pod's storage fits: see <see cref="ExtenderAgent.Judge"/>.</summary>
    Judgement Judge(Instant now, PodToPlace pod, NodeNames names, Span<NodeVerdict> verdicts);

    /// <summary>How well the nodes suit; the error, or an empty text: see <see cref="ExtenderAgent.Rate"/>.</summary>
    string Rate(Instant now, PodToPlace pod, NodeNames names, Span<byte> scores);
}
