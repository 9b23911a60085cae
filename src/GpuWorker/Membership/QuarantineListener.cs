using Akka.Actor;
using Akka.Remote;

namespace ClusterBench.GpuWorker.Membership;

/// <summary>Tells when another node refuses to talk to this ActorSystem for good: only a new one will be heard.</summary>
internal sealed class QuarantineListener : ReceiveActor
{
    public QuarantineListener(TaskCompletionSource<string> ended) =>
        Receive<ThisActorSystemQuarantinedEvent>(e => ended.TrySetResult($"{e.RemoteAddress} has shut this node out"));

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);
}
