using System.Threading.Channels;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

[Collection(LibvirtLibrary.Collection)]
public sealed class LibvirtSessionTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SessionThatEndsWithinACallback_WaitsForIt_AndLeavesNothing()
    {
        LibvirtLibrary.Require();
        var uuid = Guid.NewGuid();
        await using var other = await LibvirtConnection.OpenAsync(LibvirtLibrary.TestDriver, TimeProvider.System, Token);
        using var held = new HeldEvents();
        var session = LibvirtSession.Open(LibvirtLibrary.TestDriver, listens: true, held);
        await other.CreateAsync(LibvirtLibrary.Xml(uuid, $"vm-{uuid:N}"), Token);
        Assert.True(held.Entered.Wait(Patience.Times(TimeSpan.FromSeconds(5)), Token));

        var ending = Task.Run(session.Dispose, Token);
        await Assert.ThrowsAsync<TimeoutException>(() => ending.WaitAsync(Moment, Token));
        held.LetGo.Set();
        await ending;
        await other.DestroyAsync(uuid, Token);
        Assert.Equal(0, session.Handle.ReferencesLeft);
    }

    /// <summary>A channel that holds the callback which writes the first event.</summary>
    private sealed class HeldEvents : ChannelWriter<LibvirtEvent>, IDisposable
    {
        public ManualResetEventSlim Entered { get; } = new();

        public ManualResetEventSlim LetGo { get; } = new();

        public override bool TryWrite(LibvirtEvent item)
        {
            Entered.Set();
            return LetGo.Wait(Patience.Times(TimeSpan.FromSeconds(10)));
        }

        public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(true);

        public void Dispose()
        {
            LetGo.Set();
            Entered.Dispose();
        }
    }
}
