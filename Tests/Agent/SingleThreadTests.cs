using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PciBus.Agent;
using PciBus.Agent.Registration;
using PciBus.Agent.Setup;
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
        File.WriteAllText(path, "guid=kvm1\nhypervisor.type=simulated\nagent.data.folder=data\nworkers=1\npci.devices=28:00.1|10GE");
        var time = new FakeTimeProvider();
        var pump = new Pump();
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(pump);
        try
        {
            var link = new ThreadLink();
            var file = AgentPropertiesFile.Open(path, time);
            var host = HostSetup.Simulated(file, time, NullLoggerFactory.Instance);
            var node = new AgentNode(file, host, host, link, time, NullLoggerFactory.Instance);
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
            host.Faults = new() { HangStarts = 1 };
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
            host.Faults = new();
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
