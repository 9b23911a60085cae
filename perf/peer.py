#!/usr/bin/env python3
"""The peer of perf/run: PyTorch, torchvision and Pillow on the same work as ours.

peer.py WORK               WORK is the JSON of Measuring/Work.cs. Says one JSON line when ready, then one per line read.
peer.py photographs DIR N  writes N JPEG files of 500 x 375 to DIR.
"""
import glob
import json
import os
import sys
import time

import numpy as np

KS, TEMPERATURE = (10, 20, 100, 200), 0.07


def photographs(folder, count):
    """Two photographs that scikit-learn brings, cut and mirrored differently, so that no two files are equal."""
    from PIL import Image, ImageOps
    from sklearn.datasets import load_sample_images
    sources = [Image.fromarray(image) for image in load_sample_images().images]
    place = np.random.RandomState(0)
    for i in range(count):
        source = sources[i % len(sources)]
        x, y = place.randint(0, source.width - 500), place.randint(0, source.height - 375)
        cut = source.crop((x, y, x + 500, y + 375))
        (ImageOps.mirror(cut) if i // len(sources) % 2 else cut).save(os.path.join(folder, f'{i:04d}.jpg'), quality=90)


class Extract:
    """torchvision's ResNet-50 without its classifier, evaluation mode, eager, no_grad."""

    def __init__(self, work):
        import torch
        import torchvision
        from PIL import Image
        self.torch, self.image, self.work = torch, Image, work
        weights = torch.load(os.path.join(work['folder'], 'weights.pth'))
        self.model = torchvision.models.resnet50()
        self.model.fc = torch.nn.Identity()
        self.model.load_state_dict(weights)
        self.model.eval()
        size = work['size']
        self.files = sorted(glob.glob(os.path.join(work['folder'], '*.jpg')))
        if not work['files']:
            flat = np.fromfile(os.path.join(work['folder'], 'images.bin'), np.float32)
            self.images = torch.from_numpy(flat).view(work['batch'], 3, size, size)
        if work['channelsLast']:
            self.model = self.model.to(memory_format=torch.channels_last)
            self.images = self.images.contiguous(memory_format=torch.channels_last)
        t = torchvision.transforms
        self.transform = t.Compose([t.Resize(256), t.CenterCrop(224), t.ToTensor(), t.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])

    def batches(self):
        if not self.work['files']:
            for _ in range(self.work['batches']):
                yield self.images
            return
        for i in range(0, len(self.files), self.work['batch']):
            yield self.torch.stack([self.transform(self.image.open(f).convert('RGB')) for f in self.files[i:i + self.work['batch']]])

    def repeat(self):
        with self.torch.no_grad():
            self.output = np.concatenate([self.model(x).numpy() for x in self.batches()])
        return len(self.output)


class Knn:
    """One product and one topk per 500 queries for all k; votes by scatter_add."""

    def __init__(self, work):
        import torch
        self.torch, self.work = torch, work

        def read(name, kind):
            return torch.from_numpy(np.fromfile(os.path.join(work['folder'], name), kind))
        self.bank = read('bank.bin', np.float32).view(work['bank'], work['width'])
        self.queries = read('queries.bin', np.float32).view(work['queries'], work['width'])
        self.bank_labels = read('bank_labels.bin', np.int32).long()
        self.labels = read('query_labels.bin', np.int32).long()

    def repeat(self):
        torch = self.torch
        normalize = torch.nn.functional.normalize
        bank, queries, hits = normalize(self.bank).t(), normalize(self.queries), dict.fromkeys(KS, 0)
        for i in range(0, len(queries), 500):
            similarity, index = torch.mm(queries[i:i + 500], bank).topk(max(KS), 1)
            weight, label = (similarity / TEMPERATURE).exp(), self.bank_labels[index]
            for k in KS:
                votes = torch.zeros(len(index), self.work['classes']).scatter_add_(1, label[:, :k], weight[:, :k])
                hits[k] += int((votes.topk(5, 1)[1][:, 0] == self.labels[i:i + 500]).sum())
        self.output = np.array([100 * hits[k] / len(queries) for k in KS], np.float32)
        return len(queries)


class AllReduce:
    """torch.distributed's all_reduce by Gloo. Rank 0 starts the others; a repetition begins and ends with a barrier."""

    def __init__(self, work):
        import subprocess
        import torch
        import torch.distributed as dist
        self.torch, self.dist, self.work, rank = torch, dist, work, work['rank']
        self.others = [] if rank else [
            subprocess.Popen([sys.executable, __file__, json.dumps(dict(work, rank=r))]) for r in range(1, work['members'])]
        os.environ.setdefault('GLOO_SOCKET_IFNAME', 'lo')
        rendezvous = os.path.join(work['folder'], 'gloo')
        dist.init_process_group('gloo', init_method=f'file://{rendezvous}', rank=rank, world_size=work['members'])
        i = np.arange(work['floats'], dtype=np.uint64)
        values = (((i * 2654435761) + rank * 97) & 0xFFFF).astype(np.float32) / 65536
        self.bucket, self.output = torch.from_numpy(values), None

    def meet(self, go):
        """Everyone waits for everyone; whether rank 0 wants to go on."""
        flag = self.torch.tensor([go])
        self.dist.all_reduce(flag)
        return int(flag) > 0

    def repeat(self):
        self.meet(1)
        self.dist.all_reduce(self.bucket)
        self.meet(1)
        if self.output is None:
            self.output = self.bucket.numpy() / np.float32(self.work['members'])
        return self.work['floats'] * 4 // 1000000

    def follow(self):
        while self.meet(0):
            self.dist.all_reduce(self.bucket)
            self.meet(0)

    def close(self):
        self.meet(0)
        for other in self.others:
            other.wait()


def about(torch):
    blas = sorted({os.path.basename(os.path.realpath(l.split()[-1])) for l in open('/proc/self/maps') if 'blas' in l.split()[-1].lower()})
    setting = ', ONEDNN_MAX_CPU_ISA=' + os.environ['ONEDNN_MAX_CPU_ISA'] if 'ONEDNN_MAX_CPU_ISA' in os.environ else ''
    return f'PyTorch {torch.__version__} with oneDNN and {" and ".join(blas) or "a BLAS of its own"}{setting}'


def serve(work):
    import torch
    torch.set_num_threads(work['threads'])
    contestant = {'extract': Extract, 'knn': Knn, 'allreduce': AllReduce}[work['kind']](work)
    if work['rank']:
        contestant.follow()
        return
    contestant.repeat()
    np.ascontiguousarray(contestant.output, np.float32).tofile(os.path.join(work['folder'], work['output']))
    print(json.dumps({'about': about(torch)}), flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        units = contestant.repeat()
        print(json.dumps({'wall': time.perf_counter() - wall, 'cpu': time.process_time() - cpu, 'units': units}), flush=True)
    if work['kind'] == 'allreduce':
        contestant.close()


if __name__ == '__main__':
    if sys.argv[1] == 'photographs':
        photographs(sys.argv[2], int(sys.argv[3]))
    else:
        serve(json.loads(sys.argv[1]))
