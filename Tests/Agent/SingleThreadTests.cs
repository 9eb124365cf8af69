using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PciBus.Agent;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent;

/// <summary>An agent on a single-threaded context never leaves it: that is what lets a simulation replay it.</summary>
public sealed class SingleThreadTests
{
    [Fact]
    public void Agent_StaysOnItsContext()
    {
        var folder = Directory.CreateTempSubdirectory("pcibus-thread-").FullName;
        var path = Path.Combine(folder, "agent.properties");
        File.WriteAllText(path, "guid=kvm1\nagent.data.folder=data\nworkers=1\npci.devices=28:00.1|10GE");
        var time = new FakeTimeProvider();
        var pump = new Pump();
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(pump);
        try
        {
            var link = new ThreadLink();
            var node = new AgentNode(AgentPropertiesFile.Open(path, time), link, time, NullLoggerFactory.Instance);
            var started = node.StartAsync(CancellationToken.None);
            pump.Drain();
            Assert.True(started.IsCompletedSuccessfully);
            Receive(new StartupAnswer
            {
                Result = true,
                Nonce = link.Sent.OfType<StartupRoutingCommand>().Last().Nonce,
                Session = 1,
                PingInterval = 5,
            });
            node.Simulator.Faults = new() { HangStarts = 1 };
            var vms = new[] { Guid.NewGuid(), Guid.NewGuid() };
            foreach (var vm in vms)
            {
                Receive(new StartCommand
                {
                    CommandId = Guid.NewGuid(),
                    VmUuid = vm,
                    Session = 1,
                    Number = 1,
                    Vm = new() { Uuid = vm, Name = $"{vm}" },
                });
            }

            Pass(2);
            node.Simulator.Faults = new();
            Pass(10);
            foreach (var vm in vms) Receive(new StopCommand { CommandId = Guid.NewGuid(), VmUuid = vm, Session = 1, Number = 2 });
            Pass(10);
            Assert.Equal(2, link.Sent.OfType<StartAnswer>().Count(answer => answer.Result));
            Assert.Equal(2, link.Sent.OfType<StopAnswer>().Count(answer => answer is { Result: true, Observed: Observation.Off }));
            var stopped = node.StopAsync(CancellationToken.None);
            Pass(1);
            Assert.True(stopped.IsCompletedSuccessfully);
            Assert.Single(link.Threads.Distinct());
            Assert.Equal(0, pump.PostedFromOutside);

            void Receive(object message)
            {
                var received = node.ReceiveAsync(message, CancellationToken.None);
                pump.Drain();
                Assert.True(received.IsCompletedSuccessfully);
            }

            void Pass(int seconds)
            {
                for (var i = 0; i < seconds * 10; i++)
                {
                    time.Advance(TimeSpan.FromMilliseconds(100));
                    pump.Drain();
                }
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Migration_StaysOnItsContext()
    {
        var folder = Directory.CreateTempSubdirectory("pcibus-thread-").FullName;
        var time = new FakeTimeProvider();
        var pump = new Pump();
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(pump);
        try
        {
            var links = new[] { new ThreadLink(), new ThreadLink() };
            var nodes = links.Select((link, i) => NewNode(i, link)).ToList();
            foreach (var (node, link) in nodes.Zip(links))
            {
                _ = node.StartAsync(CancellationToken.None);
                pump.Drain();
                Receive(node, new StartupAnswer { Result = true, Nonce = link.Sent.OfType<StartupRoutingCommand>().Last().Nonce, Session = 1, PingInterval = 5 });
            }

            var vm = Guid.NewGuid();
            var device = new PciDeviceTO { Address = AgentRig.First };
            Send(nodes[0], new StartCommand { VmUuid = vm, Number = 1, Vm = new() { Uuid = vm, Name = "vm1", PciDevices = [device] } });
            Pass(2);
            nodes[0].Simulator.Faults = new() { Guests = [new(GuestBehaviour.Slow)], SlowTime = TimeSpan.FromSeconds(12), Migrations = [MigrationFault.FailsAtSwitch] };
            foreach (var number in new[] { 2, 3 })
            {
                Send(nodes[0], new MigrateCommand { VmUuid = vm, Number = number, DestinationUri = nodes[1].Simulator.MigrationUri, PciDevices = [device] });
                Pass(30);
            }

            Send(nodes[0], new CancelMigrationCommand { VmUuid = vm, Number = 4 });
            Send(nodes[1], new AttachPciDevicesCommand { VmUuid = vm, Number = 5, PciDevices = [device] });
            Pass(10);
            Assert.Equal([false, true], links[0].Sent.OfType<MigrateAnswer>().Select(answer => answer.Result));
            Assert.Single(links[0].Sent.OfType<CancelMigrationAnswer>());
            Assert.True(links[1].Sent.OfType<AttachPciDevicesAnswer>().Single().Result);
            foreach (var node in nodes) node.Kill();
            pump.Drain();
            Assert.Single(links.SelectMany(link => link.Threads).Distinct());
            Assert.Equal(0, pump.PostedFromOutside);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
            Directory.Delete(folder, recursive: true);
        }

        AgentNode NewNode(int i, ThreadLink link)
        {
            var path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, $"{i}")).FullName, "agent.properties");
            File.WriteAllText(path, $"guid=kvm{i}\nagent.data.folder=data\npci.devices=28:00.1|10GE");
            return new AgentNode(AgentPropertiesFile.Open(path, time), link, time, NullLoggerFactory.Instance);
        }

        void Send(AgentNode node, VirtualMachineCommand command) => Receive(node, command with { CommandId = Guid.NewGuid(), Session = 1 });

        void Receive(AgentNode node, object message)
        {
            _ = node.ReceiveAsync(message, CancellationToken.None);
            pump.Drain();
        }

        void Pass(int seconds)
        {
            for (var i = 0; i < seconds * 10; i++)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                pump.Drain();
            }
        }
    }

    private sealed class ThreadLink : IManagementLink
    {
        public List<object> Sent { get; } = [];

        public List<int> Threads { get; } = [];

        public Task SendAsync(object message, CancellationToken cancellationToken)
        {
            Sent.Add(message);
            Threads.Add(Environment.CurrentManagedThreadId);
            return Task.CompletedTask;
        }
    }

    private sealed class Pump : SynchronizationContext
    {
        private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _queue = new();
        private readonly int _thread = Environment.CurrentManagedThreadId;
        private int _outside;

        public int PostedFromOutside => _outside;

        public override void Post(SendOrPostCallback d, object? state)
        {
            if (Environment.CurrentManagedThreadId != _thread) Interlocked.Increment(ref _outside);
            _queue.Enqueue((d, state));
        }

        public void Drain()
        {
            while (_queue.TryDequeue(out var work)) work.Callback(work.State);
        }
    }
}
